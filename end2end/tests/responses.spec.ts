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
    const scripts = [...first.body.toString().matchAll(/<script\b([^>]*)>(.*?)<\/script>/gis)]
      .filter(([, attributes]) => !/\ssrc\s*=/i.test(attributes))
      .map(([, , content]) => content);
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) {
      expect(scriptPolicy, `the script that begins with ${script.trim().slice(0, 60)}`).toContain(`'sha256-${sha256(script, 'base64')}'`);
    }
    expect(first.body.toString(), 'handlers in attributes').not.toMatch(/<[a-z][^>]*\son[a-z]+\s*=/i);
  });
}

for (const sitePage of pages) {
  test(`Every link of the page ${sitePage.name} leads somewhere`, async ({ request, baseURL }) => {
    const path = await pathOf(request, sitePage);
    const html = await (await request.get(path)).text();
    const addresses = new Set([...html.matchAll(/<a\b[^>]*\shref="([^"]*)"/g)].map(([, address]) => address.replaceAll('&amp;', '&')));
    expect(addresses.size).toBeGreaterThan(0);
    for (const address of addresses) {
      const url = new URL(address, new URL(path, baseURL));
      if (address.startsWith('#')) {
        expect(html, address).toContain(` id="${address.slice(1)}"`);
      } else if (url.origin === new URL(baseURL!).origin) {
        // Without the content: nothing is counted as downloaded.
        expect((await request.head(url.href)).status(), address).toBe(200);
      }
    }
  });
}
