import assert from "node:assert/strict";
import { test } from "node:test";

import { pageFrom, pageLinks } from "../static/paging.js";

test("the page is read from the address, and is the first where that makes no sense", () => {
  assert.equal(pageFrom(new URLSearchParams("page=3")), 3);
  for (const query of ["", "page=0", "page=-1", "page=x", "page=1.5"]) assert.equal(pageFrom(new URLSearchParams(query)), 1, query);
});

test("there is no page before the first or after the last", () => {
  assert.deepEqual(pageLinks({ page: 1, pages: 3 }), { text: "Page 1 of 3", previous: null, next: 2 });
  assert.deepEqual(pageLinks({ page: 2, pages: 3 }), { text: "Page 2 of 3", previous: 1, next: 3 });
  assert.deepEqual(pageLinks({ page: 3, pages: 3 }), { text: "Page 3 of 3", previous: 2, next: null });
});

test("a page beyond the end leads back to the last", () => {
  assert.deepEqual(pageLinks({ page: 9, pages: 3 }), { text: "Page 9 of 3", previous: 3, next: null });
});
