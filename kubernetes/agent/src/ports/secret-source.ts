import type { DeliveryItem } from '../domain/delivery.ts';

export interface FetchedSecret {
  readonly item: DeliveryItem;
  readonly version: number;
  readonly value: Uint8Array;
}

export interface SecretSource {
  /** All items in one sealed request, in order. Throws the code of the first item that was refused, with its name. */
  fetch(items: readonly DeliveryItem[]): Promise<readonly FetchedSecret[]>;
}
