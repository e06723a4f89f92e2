import type { DeliveryItem } from '../domain/delivery.ts';

export interface FetchedSecret {
  readonly item: DeliveryItem;
  readonly version: number;
  readonly value: Uint8Array;
}

export interface SecretSource {
  /**
   * All items in order, by one sealed request or as few as their size allows. Throws the code of the first item that was
   * refused, with its name.
   */
  fetch(items: readonly DeliveryItem[]): Promise<readonly FetchedSecret[]>;
}
