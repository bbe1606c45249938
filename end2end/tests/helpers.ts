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

/** The lines of a text that somebody sees. */
export function lines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
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
    // A navigation that becomes a download ends this way, too; so does a preloaded script where scripts are switched off.
    const isSwitchedOff = !javaScript && request.url().endsWith('.js');
    if (!isDocument(request) && !isSwitchedOff) problems.push(`request failed: ${request.url()} (${request.failure()?.errorText})`);
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

/** What axe finds, WCAG 2.2 AA and best practices; also what it cannot decide by itself. */
export async function accessibilityFindings(page: Page, javaScript: boolean): Promise<string[]> {
  const session = javaScript ? undefined : await page.context().newCDPSession(page);
  // axe itself is a script: it may run once the page is as it is without any. The browser heeds only a change.
  await session?.send('Emulation.setScriptExecutionDisabled', { value: true });
  await session?.send('Emulation.setScriptExecutionDisabled', { value: false });
  const results = await new AxeBuilder({ page, axeSource: axe }).setLegacyMode().withTags(levels).analyze();
  await session?.send('Emulation.setScriptExecutionDisabled', { value: true });
  expect([...results.passes, ...results.violations, ...results.incomplete].map((rule) => rule.id), 'contrast was checked').toContain('color-contrast');
  return [...results.violations, ...results.incomplete].flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary?.replaceAll(/\s+/g, ' ')}`));
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
