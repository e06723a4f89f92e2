/** Fetches every configured secret in one sealed request and makes all files appear at once. */
import type { DeliveryItem } from '../domain/delivery.ts';
import type { FileTree } from '../ports/file-tree.ts';
import type { SecretSource } from '../ports/secret-source.ts';

const defaultMode = '0400';

export interface Delivery {
  readonly files: number;
  readonly isChanged: boolean;
  /** `<group>/<name>` → version. Versions only: a hash of a value outside of the pod helps to guess it. */
  readonly versions: Readonly<Record<string, number>>;
}

export function makeDeliverSecrets({ source, tree }: { source: SecretSource; tree: FileTree }) {
  return async (items: readonly DeliveryItem[]): Promise<Delivery> => {
    const fetched = await source.fetch(items);
    const isChanged = await tree.replace(
      fetched.map(({ item, value }) => ({
        path: item.path,
        mode: Number.parseInt(item.mode ?? defaultMode, 8),
        content: value,
      })),
    );
    for (const { value } of fetched) value.fill(0);
    const versions = Object.fromEntries(
      fetched.map(({ item, version }) => [`${item.group}/${item.name}`, version]),
    );
    return { files: fetched.length, isChanged, versions };
  };
}
