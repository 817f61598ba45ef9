import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";

const VIEWS = new URL("../static/views/", import.meta.url);

test("every view loads, with all that it imports", async () => {
  const files = await readdir(VIEWS);
  assert.ok(files.length > 0);
  for (const file of files) {
    const exported = Object.values(await import(new URL(file, VIEWS)));
    assert.ok(exported.some((value) => typeof value === "function"), file);
  }
});
