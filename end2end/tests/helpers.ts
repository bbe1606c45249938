// What the tests share: a page that is watched, what a page must be, and what the API says of a package.

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type APIRequestContext, type Browser, type Page, type Response, type TestInfo } from '@playwright/test';
import { source as axeSource } from 'axe-core';
import { createHash } from 'node:crypto';

export { expect };

/**
 * An address and what is expected of it: `{current}` stands for the version that the API names as the current one, `{tag}` for
 * a tag of pg_trgm. `own` is the one address of its content, the path itself where it is left out; none for what no search engine
 * should keep.
 */
export type SitePage = { name: string; path: string; status: number; own: string | null };

const page = (name: string, path: string, own: string | null = path): SitePage => ({ name, path, status: 200, own });

/** The longest name that a package may have. */
export const longName = 'odd_long_abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzab';

/** Pages with ordinary content, of every kind that there is. */
export const ordinaryPages: SitePage[] = [
  page('home', '/'),
  page('packages', '/packages'),
  page('packages-last', '/packages?page=4', '/packages'),
  page('packages-filtered', '/packages?category=search&pg=15&trusted=true&sort=downloads', '/packages'),
  page('packages-nothing', '/packages?pg=10&trusted=true', '/packages'),
  page('search', '/search?q=index', null),
  page('search-everything', '/search'),
  page('search-some-words', '/search?q=trigram+xyzzyxyzzy', null),
  page('search-near', '/search?q=hsotoer', null),
  page('search-nothing', '/search?q=xyzzyxyzzy', null),
  page('category', '/categories/search'),
  page('category-empty', '/categories/machine_learning'),
  page('tag', '/tags/{tag}'),
  page('package', '/packages/pg_trgm'),
  page('package-versions', '/packages/pg_trgm/versions'),
  page('package-files', '/packages/pg_trgm/files'),
  page('package-dependencies', '/packages/earthdistance/dependencies'),
  page('package-dependents', '/packages/cube/dependencies'),
  page('package-archive', '/packages/pg_trgm?way=archive', '/packages/pg_trgm'),
  page('package-trunk', '/packages/pg_trgm?way=trunk', '/packages/pg_trgm'),
  page('package-other-major', '/packages/pg_trgm?pg=18', '/packages/pg_trgm'),
  page('package-restart', '/packages/pg_stat_statements'),
  page('module', '/packages/auto_explain'),
  page('release', '/packages/hstore/{current}', '/packages/hstore'),
  page('docs', '/docs'),
  page('docs-find', '/docs/find'),
  page('docs-install', '/docs/install'),
  page('docs-accounts', '/docs/accounts'),
  page('docs-publish', '/docs/publish'),
  page('docs-trunk', '/docs/trunk'),
  page('docs-run', '/docs/run'),
  page('docs-api', '/docs/api'),
  page('publish', '/publish'),
  page('about', '/about'),
  page('register', '/register'),
  page('login', '/login'),
  page('login-next', '/login?next=/settings/tokens', '/login'),
  page('second-factor', '/login/second-factor', null),
  page('forgot-password', '/forgot-password', null),
  page('reset-password', '/reset-password?token=none', null),
  page('reset-password-incomplete', '/reset-password', null),
  page('verify-email', '/verify-email?token=none', null),
  page('verify-email-incomplete', '/verify-email', null),
  page('account-deleted', '/account-deleted', null),
  { ...page('not-found', '/there/is/no/such/page', null), status: 404 },
];

/** Pages of the packages in `odd-packages.sql`, and with them. */
export const oddPages: SitePage[] = [
  page('odd-search', '/search?q=odd', null),
  page('odd-search-long', `/search?q=${'withoutanyspace'.repeat(14)}`, null),
  page('odd-category', '/categories/data_transformations'),
  page('odd-tag', `/tags/${encodeURIComponent('🐘 elephants')}`),
  page('odd-long', `/packages/${longName}`),
  page('odd-long-versions', `/packages/${longName}/versions`),
  page('odd-long-files', `/packages/${longName}/files`),
  page('odd-long-dependencies', `/packages/${longName}/dependencies`),
  page('odd-nothing', '/packages/odd_nothing'),
  page('odd-releases', '/packages/odd_releases'),
  page('odd-releases-versions', '/packages/odd_releases/versions'),
  page('odd-releases-held-back', '/packages/odd_releases/1.0.8/files', null),
  page('odd-artifacts', '/packages/odd_artifacts'),
  page('odd-artifacts-files', '/packages/odd_artifacts/files'),
  page('odd-requirements', '/packages/odd_requirements'),
  page('odd-requirements-dependencies', '/packages/odd_requirements/dependencies'),
  page('odd-text', '/packages/odd_text'),
  page('odd-text-files', '/packages/odd_text/files'),
  page('odd-text-dependencies', '/packages/odd_text/dependencies'),
  page('odd-text-yanked', '/packages/odd_text/1.0.0'),
  page('odd-yanked', '/packages/odd_yanked/1.1.0'),
  page('odd-yanked-versions', '/packages/odd_yanked/versions'),
  page('odd-unknown', '/packages/odd_unknown'),
  page('odd-many', '/packages/odd_many'),
];

/** The pages whose address is known beforehand. */
export const pages: SitePage[] = [...ordinaryPages, ...oddPages];

/** What the API says of a package, as far as the tests need it. */
export type Package = {
  name: string;
  summary: string | null;
  tags: string[];
  created_at: string;
  releases: { version: string; state: string }[];
  current: {
    version: string;
    licence: string | null;
    published_at: string;
    extensions: { name: string; trusted: boolean }[];
    modules: { restart_on_install: boolean | null }[];
    artifacts: { postgres: number | null; file_name: string; size: number; sha256: string }[];
  };
};

/** Asks the API for a package. */
export async function packageOf(request: APIRequestContext, name: string): Promise<Package> {
  const response = await request.get(`/api/v1/packages/${name}`);
  expect(response.status(), `the API knows ${name}`).toBe(200);
  return response.json();
}

/** The names of all packages, in the order of the API. */
export async function packageNames(request: APIRequestContext): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const list: { items: { name: string }[]; next: string | null } = await (
      await request.get('/api/v1/packages', { params: { limit: 100, after } })
    ).json();
    names.push(...list.items.map(({ name }) => name));
    after = list.next;
  }
  return names;
}

/** An address with what the API says in place of `{current}` and `{tag}`. */
export async function filled(request: APIRequestContext, path: string): Promise<string> {
  if (path.includes('{current}')) return path.replace('{current}', (await packageOf(request, path.split('/')[2])).current.version);
  if (path.includes('{tag}')) return path.replace('{tag}', encodeURIComponent((await packageOf(request, 'pg_trgm')).tags[0]));
  return path;
}

/** The address of a page. */
export async function pathOf(request: APIRequestContext, { path }: SitePage): Promise<string> {
  return filled(request, path);
}

/** Whether pages run scripts in this project. */
export function hasJavaScript(testInfo: TestInfo): boolean {
  return testInfo.project.use.javaScriptEnabled !== false;
}

/** SHA-256 in hexadecimal digits, or in base 64 as a content security policy has it. */
export function sha256(content: string | Buffer, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(content).digest(encoding);
}

/**
 * Notes whatever goes wrong in a page: errors, violations of its policy, failed requests, requests to other hosts than those that
 * are named.
 */
export async function watch(page: Page, baseURL: string, javaScript: boolean, otherHosts: string[] = []): Promise<string[]> {
  const problems: string[] = [];
  const origins = [baseURL, ...otherHosts].map((address) => new URL(address).origin);
  const documents = new Set<string>();
  // Whoever wants a passkey is asked first who they are, by this answer to the script.
  const questions = new Set<string>();
  const isQuestion = (response: Response) => {
    const is = response.status() === 403 && new URL(response.url()).pathname === '/settings/security/passkeys';
    if (is) questions.add(response.url());
    return is;
  };
  const isDocument = (request: { isNavigationRequest(): boolean; frame(): unknown }) =>
    request.isNavigationRequest() && request.frame() === page.mainFrame();

  page.on('request', (request) => {
    const url = new URL(request.url());
    if (isDocument(request)) documents.add(request.url());
    if (url.protocol !== 'data:' && !origins.includes(url.origin)) problems.push(`request to another host: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // Requests also end this way when the page is left, or when they become a download, and scripts where they are switched off.
    const error = request.failure()?.errorText;
    const isSwitchedOff = !javaScript && request.url().endsWith('.js');
    if (error !== 'net::ERR_ABORTED' && !isSwitchedOff) problems.push(`request failed: ${request.url()} (${error})`);
  });
  page.on('response', (response) => {
    // A form that a script sends is answered as the page itself would be.
    const isForm = response.request().method() === 'POST' && documents.has(response.url());
    if (!isDocument(response.request()) && !isForm && !isQuestion(response) && response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // The status of the page itself is for the test to judge.
    const { url } = message.location();
    const isOwnStatus = /^Failed to load resource: .* status of \d+/.test(message.text()) && (documents.has(url) || questions.has(url));
    // Without JavaScript the browser warns of preloaded scripts that are not used.
    const counts = message.type() === 'error' || (javaScript && message.type() === 'warning');
    if (counts && !isOwnStatus) problems.push(`console ${message.type()}: ${message.text()}`);
  });
  if (javaScript) {
    await page.exposeFunction('policyViolated', (text: string) => problems.push(`policy violated: ${text}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        (window as any).policyViolated(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
  }
  return problems;
}

/** Waits until scripts have done what they do by themselves: every island works, and shows the buttons that need it. */
export async function settled(page: Page, javaScript: boolean): Promise<void> {
  if (!javaScript) return;
  await page.waitForFunction(() => {
    const fields = [...document.querySelectorAll('leptos-island input[name="q"]')];
    return document.querySelector('leptos-island')
      && !document.querySelector('leptos-island button.invisible')
      && fields.every((field) => field.getAttribute('role') === 'combobox');
  });
}

/**
 * What a page looks like to a reader, without what only scripts can bring: some buttons, passkeys, and suggestions in a search
 * field.
 */
export async function readable(page: Page): Promise<string> {
  const snapshot = await page.locator('body').ariaSnapshot();
  const lines = snapshot.split('\n').filter((line) => !/^\s*- '?(button "(Copy |Theme: |Keyboard shortcuts)|(form|button) ".* a passkey"|status\b)/.test(line));
  return lines.join('\n').replaceAll('- combobox "Search extensions"', '- searchbox "Search extensions"');
}

/** The same address in a browser window that is like this one but for running scripts. */
export async function otherWindow(browser: Browser, testInfo: TestInfo, path: string): Promise<Page> {
  const { baseURL, colorScheme, viewport } = testInfo.project.use;
  const javaScriptEnabled = !hasJavaScript(testInfo);
  const context = await browser.newContext({ baseURL, colorScheme, viewport, javaScriptEnabled });
  const page = await context.newPage();
  await page.goto(path);
  await settled(page, javaScriptEnabled);
  return page;
}

const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// The link of a row covers the row with an element that has no colour of its own; axe would give up on contrast there.
const contrast = {
  ignoreUnicode: true,
  ignoreLength: false,
  ignorePseudo: true,
  boldValue: 700,
  boldTextPt: 14,
  largeTextPt: 18,
  contrastRatio: { normal: { expected: 4.5 }, large: { expected: 3 } },
  pseudoSizeThreshold: 0.25,
  shadowOutlineEmMax: 0.2,
  textStrokeEmMin: 0.03,
};
const axe = `${axeSource};axe.configure(${JSON.stringify({ checks: [{ id: 'color-contrast', options: contrast }] })})`;

/** The ratio of contrast (WCAG 2.2, relative luminance) of an element's text with the first opaque ground behind it. */
async function contrastOf(page: Page, selector: string): Promise<number> {
  return page.locator(selector).evaluate((element) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    const pixel = (color: string) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (color: number[]) => {
      const [red, green, blue] = color.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    let behind: Element | null = element;
    while (behind && pixel(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
    if (!behind) return 0;
    const both = [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor].map((color) => luminance(pixel(color)));
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  });
}

/** The rules that colours matter to. */
const ofColour = ['color-contrast', 'link-in-text-block'];

/**
 * What axe finds, WCAG 2.2 AA and best practices; also what it leaves to be decided. `colourOnly` asks only for what another
 * theme may change.
 */
export async function accessibilityFindings(page: Page, javaScript: boolean, colourOnly = false): Promise<string[]> {
  const session = javaScript ? undefined : await page.context().newCDPSession(page);
  // axe itself is a script: it may run once the page is as it is without any. The browser heeds only a change.
  await session?.send('Emulation.setScriptExecutionDisabled', { value: true });
  await session?.send('Emulation.setScriptExecutionDisabled', { value: false });
  const builder = new AxeBuilder({ page, axeSource: axe }).setLegacyMode();
  const { passes, violations, incomplete } = await (colourOnly ? builder.withRules(ofColour) : builder.withTags(levels)).analyze();
  const findings: string[] = [];
  for (const rule of [...violations, ...incomplete]) {
    const before = findings.length;
    for (const node of rule.nodes) {
      const selector = node.target.join(' ');
      const left = violations.includes(rule) ? '' : ' (to be decided)';
      if (left && rule.id === 'color-contrast') {
        // axe gives up on text that is partly scrolled or cut away; its colours tell enough.
        const ratio = await contrastOf(page, selector);
        if (ratio < contrast.contrastRatio.normal.expected) findings.push(`${rule.id}: ${selector}: ratio ${ratio.toFixed(2)}`);
      } else {
        findings.push(`${rule.id}${left}: ${selector}: ${node.failureSummary?.replaceAll(/\s+/g, ' ')}`);
      }
    }
    // A few say enough.
    const more = findings.splice(before + 3).length;
    if (more > 0) findings.push(`${rule.id}: ${more} more`);
  }
  await session?.send('Emulation.setScriptExecutionDisabled', { value: true });
  const checked = [...passes, ...violations, ...incomplete].map((rule) => rule.id);
  expect(checked, 'contrast was checked').toContain('color-contrast');
  return findings;
}

/** A test whose page is watched; it fails if anything has gone wrong in it. Pages lead to no other hosts than `otherHosts`. */
export const test = base.extend<{ watched: void; otherHosts: string[] }>({
  otherHosts: [[], { option: true }],
  watched: [
    // As the test has it, which may differ from its project: where scripts are off, the browser drops those it has asked for.
    async ({ page, baseURL, javaScriptEnabled, otherHosts }, use) => {
      const problems = await watch(page, baseURL!, javaScriptEnabled !== false, otherHosts);
      await use();
      expect(problems, 'what went wrong in the page').toEqual([]);
    },
    { auto: true },
  ],
});
