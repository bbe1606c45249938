// What every page must be, in every window.

import type { Page } from '@playwright/test';
import { accessibilityFindings, expect, hasJavaScript, pathOf, settled, test, type SitePage } from './helpers';

/** Pictures end here; nobody looks further. */
const tallest = 6000;

/** Texts that are cut off, but for those that say so with an ellipsis and those that only readers get. */
function textsCutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('body *:not(input)')]
      .filter((element) => {
        const style = getComputedStyle(element);
        const isCut = /hidden|clip/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
        return isCut && style.textOverflow !== 'ellipsis' && element.clientWidth > 1;
      })
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}: ${element.innerText.slice(0, 40)}`),
  );
}

/** Takes a picture of each of the pages and tests it. */
export function lookAt(pages: SitePage[]): void {
  for (const sitePage of pages) {
    test(`The page ${sitePage.name} is whole, accessible and fits the window`, async ({ page, request, viewport, colorScheme }, testInfo) => {
      const javaScript = hasJavaScript(testInfo);
      const response = await page.goto(await pathOf(request, sitePage));
      await settled(page, javaScript);
      const [width, height] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
      await page.screenshot({
        path: `results/screenshots/${testInfo.project.name}/${sitePage.name}.png`,
        fullPage: true,
        clip: { x: 0, y: 0, width, height: Math.min(height, tallest) },
        animations: 'disabled',
      });

      expect.soft(response?.status()).toBe(sitePage.status);
      await expect.soft(page.locator('h1')).toHaveCount(1);
      await expect.soft(page.locator('h1')).toBeVisible();
      expect.soft(await accessibilityFindings(page, javaScript, colorScheme === 'dark'), 'what axe finds').toEqual([]);
      // Also in the narrowest window that there may be, and in the wide one when everything is twice as large.
      for (const width of [viewport!.width, viewport!.width === 360 ? 320 : 640]) {
        await page.setViewportSize({ width, height: viewport!.height });
        const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        expect.soft(needed, `width that the page needs, of ${width}`).toBeLessThanOrEqual(there);
        expect.soft(await textsCutOff(page), `texts that are cut off, at ${width}`).toEqual([]);
      }
    });
  }
}
