import { test, expect } from '@playwright/test';
import { pages, pathOf, sha256 } from './helpers';

for (const sitePage of pages) {
  test(`The page ${sitePage.name} is rendered twice alike, and its policy knows its scripts`, async ({ request }) => {
    const path = await pathOf(request, sitePage);
    const render = async () => {
      const response = await request.get(path, { headers: { 'cache-control': 'no-cache' } });
      expect(response.status()).toBe(sitePage.status);
      return { body: await response.body(), policy: response.headers()['content-security-policy'] };
    };
    const [first, second] = [await render(), await render()];
    expect(second.body.toString()).toBe(first.body.toString());
    expect(second.body.equals(first.body)).toBe(true);
    expect(second.policy).toBe(first.policy);

    const scriptPolicy = first.policy.split(';').map((part) => part.trim().split(/\s+/)).find(([name]) => name === 'script-src');
    expect(scriptPolicy).toBeDefined();
    expect(scriptPolicy).not.toContain("'unsafe-inline'");
    expect(scriptPolicy).not.toContain("'unsafe-eval'");
    // Scripts, and the facts for machines: a browser asks for their hash as well.
    const scripts = [...first.body.toString().matchAll(/<script\b([^>]*)>(.*?)<\/script>/gis)]
      .filter(([, attributes]) => !/\ssrc\s*=/i.test(attributes))
      .map(([, , content]) => content);
    expect(scripts.length).toBeGreaterThan(0);
    const hashes = scripts.map((script) => `'sha256-${sha256(script, 'base64')}'`);
    for (const [place, hash] of hashes.entries()) {
      expect(scriptPolicy, `the script that begins with ${scripts[place].trim().slice(0, 60)}`).toContain(hash);
    }
    expect(scriptPolicy!.filter((source) => source.startsWith("'sha256-")).toSorted(), 'nothing else is allowed').toEqual(hashes.toSorted());
    expect(first.body.toString(), 'handlers in attributes').not.toMatch(/<[a-z][^>]*\son[a-z]+\s*=/i);
  });
}

/** The statuses of addresses that some page led to. */
const known = new Map<string, number>();

for (const sitePage of pages) {
  test(`Every link of the page ${sitePage.name} leads somewhere`, async ({ request, baseURL }) => {
    // Five hundred releases have five hundred links.
    test.slow();
    const path = await pathOf(request, sitePage);
    const html = await (await request.get(path)).text();
    const addresses = new Set([...html.matchAll(/<a\b[^>]*\shref="([^"]*)"/g)].map(([, address]) => address.replaceAll('&amp;', '&')));
    expect(addresses.size).toBeGreaterThan(0);
    for (const address of addresses) {
      const url = new URL(address, new URL(path, baseURL));
      if (url.origin !== new URL(baseURL!).origin) continue;
      // A link into another page is checked where that page is.
      if (url.hash && url.pathname === new URL(path, baseURL).pathname) expect(html, address).toContain(` id="${url.hash.slice(1)}"`);
      url.hash = '';
      // Without the content: nothing is counted as downloaded.
      if (!known.has(url.href)) known.set(url.href, (await request.head(url.href)).status());
      if (url.href !== new URL(path, baseURL).href) expect(known.get(url.href), address).toBe(200);
    }
  });
}

test('Each filter has as many packages as it says', async ({ page, request }) => {
  for (const path of ['/packages', '/search?q=index&pg=15', '/categories/search']) {
    await page.goto(path);
    const links = page.getByRole('navigation', { name: 'Filters', includeHidden: true }).locator('a[rel="nofollow"]:not([aria-current])');
    const values = await links.evaluateAll((links) =>
      links.map((link) => ({ address: link.getAttribute('href')!, count: link.lastElementChild!.textContent!.replaceAll('\u2009', '') })),
    );
    expect(values.length, path).toBeGreaterThan(3);
    for (const { address, count } of values) {
      const html = await (await request.get(address)).text();
      const [, shown] = html.match(/id="results"[^>]*>([\d\u2009]+) packages?/)!;
      expect(shown.replaceAll('\u2009', ''), address).toBe(count);
    }
  }
});
