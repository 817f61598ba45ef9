// One page of a longer list.

export const PAGE_SIZE = 5;

/** The page that an address' query asks for: 1, 2, 3 … */
export function pageFrom(query) {
  const page = Number(query.get("page") ?? "1");
  return Number.isInteger(page) && page >= 1 ? page : 1;
}

/** {text, previous, next}: the neighbouring pages' numbers, null at either end. */
export function pageLinks({ page, pages }) {
  const last = Math.max(pages, 1);
  return {
    text: `Page ${page} of ${last}`,
    previous: page > 1 ? Math.min(page - 1, last) : null,
    next: page < last ? page + 1 : null,
  };
}
