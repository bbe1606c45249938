// What a site says to those who are no people: search engines, browsers and whoever shows a link to it.

import { expect, test, type APIRequestContext, type Page } from '@playwright/test';
import { filled, packageNames, packageOf, pages, pathOf } from './helpers';

/** The texts of all elements with a name in an XML document, which has to be well-formed. */
async function textsOf(page: Page, xml: string, element: string): Promise<string[]> {
  return page.evaluate(
    ([xml, element]) => {
      const parsed = new DOMParser().parseFromString(xml, 'application/xml');
      const error = parsed.querySelector('parsererror');
      if (error) throw new Error(error.textContent ?? '');
      return [...parsed.getElementsByTagName(element)].map((found) => found.textContent ?? '');
    },
    [xml, element],
  );
}

async function xmlAt(request: APIRequestContext, address: string, kind: string): Promise<string> {
  const response = await request.get(address);
  expect(response.status(), address).toBe(200);
  expect(response.headers()['content-type'], address).toContain(kind);
  return response.text();
}

/** What a page says in its head; it is read as the server sends it. */
async function headOf(page: Page, request: APIRequestContext, path: string) {
  const html = await (await request.get(path)).text();
  return page.evaluate((html) => {
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    const one = (name: string) => {
      const [first, ...rest] = parsed.querySelectorAll(`head meta[name="${name}"], head meta[property="${name}"]`);
      if (rest.length > 0) throw new Error(`${name} is there more than once`);
      return first?.getAttribute('content') ?? null;
    };
    return {
      title: parsed.title,
      description: one('description'),
      robots: one('robots'),
      canonical: [...parsed.querySelectorAll('head link[rel="canonical"]')].map((link) => link.getAttribute('href')),
      openGraph: Object.fromEntries(
        ['site_name', 'type', 'title', 'description', 'url', 'image', 'image:width', 'image:height', 'image:alt'].map((name) => [name, one(`og:${name}`)]),
      ),
      facts: [...parsed.querySelectorAll('script[type="application/ld+json"]')].map((script) => JSON.parse(script.textContent!)),
    };
  }, html);
}

/** Which paths robots may read: the longest rule that fits decides (RFC 9309, section 2.2.2). */
function readerOf(robots: string): (path: string) => boolean {
  const lines = robots.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
  expect(lines[0]).toBe('User-agent: *');
  const rules = lines.flatMap((line) => {
    const [, kind, pattern] = line.match(/^(Allow|Disallow):\s*(\S+)$/) ?? [];
    if (!kind) return [];
    const expression = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replace(/\\\$$/, '$');
    return [{ allows: kind === 'Allow', length: pattern.length, expression: new RegExp(`^${expression}`) }];
  });
  expect(rules.length).toBeGreaterThan(0);
  return (path) => {
    const [first] = rules.filter(({ expression }) => expression.test(path)).toSorted((left, right) => right.length - left.length);
    return first?.allows ?? true;
  };
}

test('The site map has every package and every page that is always there, and robots may read them', async ({ page, request, baseURL }) => {
  const robots = await request.get('/robots.txt');
  expect(robots.headers()['content-type']).toContain('text/plain');
  const text = await robots.text();
  const mayRead = readerOf(text);
  const [index, ...others] = [...text.matchAll(/^Sitemap: (.*)$/gm)].map(([, address]) => address);
  expect(others).toEqual([]);
  expect(index).toBe(`${baseURL}/sitemap.xml`);

  const parts = await textsOf(page, await xmlAt(request, index, 'application/xml'), 'loc');
  expect(parts.length).toBeGreaterThan(1);
  const addresses: string[] = [];
  for (const part of parts) {
    const xml = await xmlAt(request, part, 'application/xml');
    const found = await textsOf(page, xml, 'loc');
    expect(found.length, part).toBeGreaterThan(0);
    addresses.push(...found);
    for (const updated of await textsOf(page, xml, 'lastmod')) {
      expect(updated).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(Date.parse(updated)).toBeLessThanOrEqual(Date.now());
    }
  }
  expect(new Set(addresses).size, 'each address once').toBe(addresses.length);

  const categories: { slug: string }[] = await (await request.get('/api/v1/categories')).json().then((list) => list.items ?? list);
  const expected = [
    ...['/', '/packages', '/publish', '/about', '/docs', '/docs/find', '/docs/install', '/docs/accounts', '/docs/publish', '/docs/trunk', '/docs/run', '/docs/api'],
    ...['/policies', ...['naming', 'deletion', 'disputes', 'privacy', 'security'].map((page) => `/policies/${page}`), '/transparency', '/activity'],
    ...categories.map(({ slug }) => `/categories/${slug}`),
    ...(await packageNames(request)).map((name) => `/packages/${name}`),
  ];
  expect(addresses.toSorted()).toEqual(expected.map((path) => `${baseURL}${path}`).toSorted());
  for (const address of addresses) {
    const response = await request.get(address);
    expect(response.status(), address).toBe(200);
    // What is in the site map is to be found, and is the one address of its content.
    expect((await response.text()).match(/<link [^>]*rel="canonical"[^>]*>/)?.[0], address).toContain(`href="${address}"`);
    expect(mayRead(new URL(address).pathname), address).toBe(true);
  }
  for (const path of ['/search?q=index', '/packages?pg=15', '/packages/pg_trgm?way=archive', '/api/v1/packages']) {
    expect(mayRead(path), path).toBe(false);
  }
});

test('A browser learns how to search here, and its suggestions', async ({ page, request, baseURL }) => {
  await page.goto('/');
  const description = page.locator('link[rel="search"]');
  await expect(description).toHaveAttribute('type', 'application/opensearchdescription+xml');
  const xml = await xmlAt(request, (await description.getAttribute('href'))!, 'application/opensearchdescription+xml');
  const [shortName] = await textsOf(page, xml, 'ShortName');
  expect(shortName.length).toBeGreaterThan(0);
  expect(shortName.length, 'OpenSearch 1.1 allows sixteen').toBeLessThanOrEqual(16);
  const [image] = await textsOf(page, xml, 'Image');
  expect((await request.get(image)).headers()['content-type']).toContain('image/');
  const templates = await page.evaluate((xml) => {
    const urls = new DOMParser().parseFromString(xml, 'application/xml').getElementsByTagName('Url');
    return Object.fromEntries([...urls].map((url) => [url.getAttribute('type'), url.getAttribute('template')!]));
  }, xml);
  const address = (kind: string, terms: string) => templates[kind].replace('{searchTerms}', encodeURIComponent(terms));

  await page.goto(address('text/html', 'pg_trgm'));
  expect(page.url().startsWith(`${baseURL}/search?`)).toBe(true);
  await expect(page.getByRole('main').getByRole('heading', { level: 3 }).first()).toHaveText('pg_trgm');

  for (const text of ['pg_st', 'Ä & "b" <c>', '', 'xyzzyxyzzy', '日本語', 'a'.repeat(5000)]) {
    const response = await request.get(address('application/x-suggestions+json', text));
    expect(response.status()).toBe(200);
    expect(response.headers()['content-type']).toContain('application/x-suggestions+json');
    const [repeated, names] = await response.json();
    expect(repeated).toBe(text);
    if (text === 'pg_st') {
      const offered: { items: { name: string }[] } = await (await request.get('/api/v1/suggest?q=pg_st')).json();
      expect(names).toEqual(offered.items.map(({ name }) => name));
      expect(names).toContain('pg_stat_statements');
    }
  }
});

test('Every page says which address is its own, and what a link to it shows', async ({ page, request, baseURL }) => {
  for (const sitePage of pages) {
    await test.step(sitePage.name, async () => {
      const head = await headOf(page, request, await pathOf(request, sitePage));
      const own = sitePage.own === null ? null : new URL(await filled(request, sitePage.own), baseURL).href;
      expect.soft(head, sitePage.name).toMatchObject(own === null ? { robots: 'noindex', canonical: [] } : { robots: null, canonical: [own] });
      expect.soft(head.description!.length, sitePage.name).toBeGreaterThan(10);
      expect.soft(head.openGraph, sitePage.name).toMatchObject({
        site_name: 'pginstall',
        type: 'website',
        url: own,
        description: head.description,
        image: `${baseURL}/share.png`,
      });
      const title = head.openGraph.title!;
      expect.soft(head.title, sitePage.name).toBe(sitePage.name === 'home' ? title : `${title} · pginstall`);
    });
  }
});

test('The picture that links show is there and as large as promised', async ({ page, request }) => {
  const { openGraph } = await headOf(page, request, '/');
  const response = await request.get(openGraph.image!);
  expect(response.headers()['content-type']).toBe('image/png');
  const picture = await response.body();
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  expect([picture.readUInt32BE(16), picture.readUInt32BE(20)].map(String)).toEqual([openGraph['image:width'], openGraph['image:height']]);
});

test('The home page says to machines how to search, and that works', async ({ page, request, baseURL }) => {
  const { facts } = await headOf(page, request, '/');
  expect(facts).toHaveLength(1);
  expect(facts[0]).toMatchObject({ '@context': 'https://schema.org', '@type': 'WebSite', name: 'pginstall', url: `${baseURL}/` });
  const action = facts[0].potentialAction;
  expect(action).toMatchObject({ '@type': 'SearchAction', 'query-input': 'required name=search_term_string' });
  await page.goto(action.target.urlTemplate.replace('{search_term_string}', 'hstore'));
  await expect(page.getByRole('main').getByRole('heading', { level: 3 }).first()).toHaveText('hstore');
});

for (const name of ['pg_trgm', 'earthdistance', 'auto_explain', 'odd_nothing', 'odd_text', 'odd_many']) {
  test(`The page of ${name} says the same to machines as to people`, async ({ page, request, baseURL }) => {
    const told = await packageOf(request, name);
    const { facts, description } = await headOf(page, request, `/packages/${name}`);
    expect(facts).toHaveLength(1);
    const [software] = facts;
    expect(software).toMatchObject({
      '@context': 'https://schema.org',
      '@type': 'SoftwareApplication',
      name,
      url: `${baseURL}/packages/${name}`,
      softwareVersion: told.current.version,
      keywords: told.tags,
    });
    await page.goto(`/packages/${name}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${software.name} ${software.softwareVersion}`);
    expect(Date.parse(software.datePublished)).toBe(Date.parse(told.created_at));
    expect(Date.parse(software.dateModified)).toBe(Date.parse(told.current.published_at));
    const main = page.getByRole('main');
    if (told.summary === null) {
      expect(software).not.toHaveProperty('description');
    } else {
      expect([software.description, description]).toEqual([told.summary, told.summary]);
      await expect(main.getByText(told.summary, { exact: true }).first()).toBeVisible();
    }
    const licence = main.locator('dl > div:has(> dt:text-is("Licence")) > dd');
    await expect(licence).toHaveText(told.current.licence ?? 'not declared');
    expect(software.license ?? null).toBe(told.current.licence);
    const about = main.getByRole('region', { name: 'Categories and tags' });
    for (const shown of [...software.applicationSubCategory, ...software.keywords]) {
      await expect(about.getByRole('link', { name: shown, exact: true })).toBeVisible();
    }
  });
}
