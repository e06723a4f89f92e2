import type { OperationName, OperationReply, OperationRequest } from '@strongroom/contracts';

/** How a report asks the deployment. It only reads, and everything that it asks is in the log. */
export type Ask = <Name extends OperationName>(
  operation: Name,
  params: OperationRequest<Name>,
) => Promise<OperationReply<Name>>;

/** Every item of a listing, page by page. */
export async function everyPage<Page extends { readonly next?: string }, Item>(
  page: (after: { after?: string }) => Promise<Page>,
  itemsOf: (page: Page) => readonly Item[],
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let next: string | undefined;
  do {
    const answer = await page(next === undefined ? {} : { after: next });
    items.push(...itemsOf(answer));
    next = answer.next;
  } while (next !== undefined);
  return items;
}
