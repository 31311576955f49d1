/** What is put into HTML stays text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { html, json } from "./markup.ts";

test("html() escapes what it is given, and leaves what it made itself", () => {
  const hostile = `<img src=x onerror="alert('1')"> & \u001b[2J`;
  const text = html`<p title="${hostile}">${html`<b>${hostile}</b>`}${["<", html`<i></i>`]}</p>`.text;
  const escaped = "&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; \uFFFD[2J";
  assert.equal(text, `<p title="${escaped}"><b>${escaped}</b>&lt;<i></i></p>`);
});

test("html() shows numbers, and nothing for what is not there", () => {
  assert.equal(html`${0}${null}${undefined}${false}${[]}`.text, "0");
});

test("json() cannot end its script element", () => {
  assert.equal(json(["</script><!--"]).text, '["\\u003c/script>\\u003c!--"]');
});
