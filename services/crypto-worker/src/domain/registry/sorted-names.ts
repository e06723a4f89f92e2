/**
 * The ids of one kind in order (UTF-16 code units). Changes are gathered and merged when a page is asked for: a load of
 * many records costs one sort, and a change now and then none.
 */
export interface NamePage {
  readonly prefix: string;
  readonly after?: string;
  readonly limit: number;
}

/** Each of so many is put in its place by itself. Of a million ids that moves memory, where a sort compares them all. */
const fewMax = 32;

export class SortedNames {
  #sorted: string[] = [];
  readonly #added = new Set<string>();
  readonly #removed = new Set<string>();

  add(id: string): void {
    // Removed and added again between two pages: it never left the sorted part.
    if (!this.#removed.delete(id)) this.#added.add(id);
  }

  remove(id: string): void {
    if (!this.#added.delete(id)) this.#removed.add(id);
  }

  /** Ids after `after` that start with `prefix`. */
  page({ prefix, after, limit }: NamePage): readonly string[] {
    this.#merge();
    const ids: string[] = [];
    for (let at = this.#firstFrom(prefix, after); at < this.#sorted.length && ids.length < limit; at += 1) {
      const id = this.#sorted[at] as string;
      if (!id.startsWith(prefix)) break;
      ids.push(id);
    }
    return ids;
  }

  /** How many ids start with `prefix`. */
  count(prefix: string): number {
    this.#merge();
    const end = `${prefix}\uffff`;
    return this.#firstFrom(end, undefined) - this.#firstFrom(prefix, undefined);
  }

  #merge(): void {
    if (this.#added.size + this.#removed.size <= fewMax) this.#mergeFew();
    else this.#mergeMany();
    this.#added.clear();
    this.#removed.clear();
  }

  #mergeFew(): void {
    for (const id of this.#removed) this.#sorted.splice(this.#firstFrom(id, undefined), 1);
    for (const id of this.#added) this.#sorted.splice(this.#firstFrom(id, undefined), 0, id);
  }

  #mergeMany(): void {
    const kept =
      this.#removed.size === 0 ? this.#sorted : this.#sorted.filter((id) => !this.#removed.has(id));
    // The built-in sort merges runs that are in order already.
    this.#sorted = [...kept, ...[...this.#added].sort()].sort();
  }

  #firstFrom(prefix: string, after: string | undefined): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const id = this.#sorted[middle] as string;
      if (id < prefix || (after !== undefined && id <= after)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
