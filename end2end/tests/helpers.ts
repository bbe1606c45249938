// What the tests share: a page that is watched, what a page must be, and what the API says of a package.

import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type APIRequestContext, type Browser, type Page, type TestInfo } from '@playwright/test';
import { source as axeSource } from 'axe-core';
import { createHash } from 'node:crypto';

export { expect };

/** An address and what is expected of it. */
export type SitePage = { name: string; path: string; status: number };

/** The pages whose address is known beforehand. */
export const pages: SitePage[] = [
  { name: 'home', path: '/', status: 200 },
  { name: 'packages', path: '/packages', status: 200 },
  { name: 'search', path: '/search?q=similar+text', status: 200 },
  { name: 'search-filtered', path: '/search?pg=15&trusted=true&sort=name', status: 200 },
  { name: 'search-nothing', path: '/search?q=xyzzyxyzzy', status: 200 },
  { name: 'category', path: '/categories/search', status: 200 },
  { name: 'package', path: '/packages/pg_trgm', status: 200 },
  { name: 'module', path: '/packages/auto_explain', status: 200 },
  { name: 'release', path: '/packages/hstore/{current}', status: 200 },
  { name: 'not-found', path: '/there/is/no/such/page', status: 404 },
];

/** What the API says of a package, as far as the tests need it. */
export type Package = {
  name: string;
  summary: string;
  releases: { version: string }[];
  current: {
    version: string;
    licence: string | null;
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

/** The address of a page, with the version that the API names as the current one. */
export async function pathOf(request: APIRequestContext, page: SitePage): Promise<string> {
  if (!page.path.endsWith('/{current}')) return page.path;
  const name = page.path.split('/')[2];
  return `/packages/${name}/${(await packageOf(request, name)).current.version}`;
}

/** Whether pages run scripts in this project. */
export function hasJavaScript(testInfo: TestInfo): boolean {
  return testInfo.project.use.javaScriptEnabled !== false;
}

/** SHA-256 in hexadecimal digits, or in base 64 as a content security policy has it. */
export function sha256(content: string | Buffer, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHash('sha256').update(content).digest(encoding);
}

/** Notes whatever goes wrong in a page: errors, violations of its policy, failed requests, requests to other hosts. */
export async function watch(page: Page, baseURL: string, javaScript: boolean): Promise<string[]> {
  const problems: string[] = [];
  const origin = new URL(baseURL).origin;
  const documents = new Set<string>();
  const isDocument = (request: { isNavigationRequest(): boolean; frame(): unknown }) =>
    request.isNavigationRequest() && request.frame() === page.mainFrame();

  page.on('request', (request) => {
    const url = new URL(request.url());
    if (isDocument(request)) documents.add(request.url());
    if (url.protocol !== 'data:' && url.origin !== origin) problems.push(`request to another host: ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // Requests also end this way when the page is left, or when they become a download, and scripts where they are switched off.
    const error = request.failure()?.errorText;
    const isSwitchedOff = !javaScript && request.url().endsWith('.js');
    if (error !== 'net::ERR_ABORTED' && !isSwitchedOff) problems.push(`request failed: ${request.url()} (${error})`);
  });
  page.on('response', (response) => {
    if (!isDocument(response.request()) && response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // The status of the page itself is for the test to judge.
    const isOwnStatus = /^Failed to load resource: .* status of \d+/.test(message.text()) && documents.has(message.location().url);
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

/** Waits until scripts have done what they do by themselves: the WebAssembly is there and every copy button is shown. */
export async function settled(page: Page, javaScript: boolean): Promise<void> {
  if (!javaScript) return;
  await page.waitForFunction(() =>
    typeof (window as any).__hydrateIsland === 'function'
    && performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('_bg.wasm') && (entry as PerformanceResourceTiming).responseEnd > 0));
  for (const button of await page.locator('leptos-island').getByRole('button', { includeHidden: true }).all()) {
    await expect(button).toBeVisible();
  }
}

/** What a page looks like to a reader, without the copy buttons, which only scripts can bring. */
export async function readable(page: Page): Promise<string> {
  const snapshot = await page.locator('body').ariaSnapshot();
  return snapshot.split('\n').filter((line) => !/^\s*- (button "Copy |status\b)/.test(line)).join('\n');
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

/** What axe finds, WCAG 2.2 AA and best practices; also what it leaves to be decided. */
export async function accessibilityFindings(page: Page, javaScript: boolean): Promise<string[]> {
  const session = javaScript ? undefined : await page.context().newCDPSession(page);
  // axe itself is a script: it may run once the page is as it is without any. The browser heeds only a change.
  await session?.send('Emulation.setScriptExecutionDisabled', { value: true });
  await session?.send('Emulation.setScriptExecutionDisabled', { value: false });
  const { passes, violations, incomplete } = await new AxeBuilder({ page, axeSource: axe }).setLegacyMode().withTags(levels).analyze();
  const findings: string[] = [];
  for (const rule of [...violations, ...incomplete]) {
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
  }
  await session?.send('Emulation.setScriptExecutionDisabled', { value: true });
  const checked = [...passes, ...violations, ...incomplete].map((rule) => rule.id);
  expect(checked, 'contrast was checked').toContain('color-contrast');
  return findings;
}

/** A test whose page is watched; it fails if anything has gone wrong in it. */
export const test = base.extend<{ watched: void }>({
  watched: [
    async ({ page, baseURL }, use, testInfo) => {
      const problems = await watch(page, baseURL!, hasJavaScript(testInfo));
      await use();
      expect(problems, 'what went wrong in the page').toEqual([]);
    },
    { auto: true },
  ],
});
