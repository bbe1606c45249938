import { accessibilityFindings, expect, hasJavaScript, pages, pathOf, settled, test } from './helpers';

for (const sitePage of pages) {
  test(`The page ${sitePage.name} is whole, accessible and fits the window`, async ({ page, request }, testInfo) => {
    const javaScript = hasJavaScript(testInfo);
    const response = await page.goto(await pathOf(request, sitePage));
    await settled(page, javaScript);
    await page.screenshot({
      path: `results/screenshots/${testInfo.project.name}/${sitePage.name}.png`,
      fullPage: true,
      animations: 'disabled',
    });

    expect.soft(response?.status()).toBe(sitePage.status);
    await expect.soft(page.locator('h1')).toHaveCount(1);
    await expect.soft(page.locator('h1')).toBeVisible();
    const [needed, there] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect.soft(needed, 'width that the page needs').toBeLessThanOrEqual(there);
    expect.soft(await accessibilityFindings(page, javaScript), 'what axe finds').toEqual([]);
  });
}
