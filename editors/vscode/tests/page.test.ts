import assert from "node:assert/strict";
import { test } from "node:test";
import { secured } from "../src/page";

test("a page runs its own scripts and loads nothing", () => {
  const page = secured('<!doctype html><html><head lang="en"><title>m</title></head><script>alert(1)</script></html>');
  const [, policy = ""] = /<head lang="en"><meta http-equiv="Content-Security-Policy" content="([^"]*)"><title>/.exec(page) ?? [];
  assert.match(policy, /^default-src 'none'/);
  // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
  assert.match(policy, /script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF\+pI='$/);
});

test("each script counts, as the browser reads it", () => {
  const page = secured("<script type=module>a\r\nb</script ><SCRIPT>a\nb</SCRIPT>");
  const [, first, second] = /script-src ('sha256-[^']*') ('sha256-[^']*')"/.exec(page) ?? [];
  assert.ok(first);
  assert.equal(first, second);
});

test("a page without scripts runs none", () => {
  assert.match(secured("<p>words</p>"), /^<meta [^>]*script-src 'none'">/);
});
