import { expect, otherWindow, pages, pathOf, readable, test } from './helpers';

test('No copy button is shown, nor reached by the keyboard', async ({ page }) => {
  await page.goto('/packages/pg_trgm');
  const buttons = page.locator('leptos-island').getByRole('button', { includeHidden: true });
  expect(await buttons.count()).toBeGreaterThan(1);
  for (const button of await buttons.all()) await expect(button).not.toBeVisible();
  await expect(page.getByRole('button', { name: /^Cop/ })).toHaveCount(0);
  // What one would copy can be selected.
  for (const code of await page.locator('pre').all()) {
    await expect(code).toBeVisible();
    await expect(code).toHaveCSS('user-select', 'auto');
  }
});

for (const sitePage of pages) {
  test(`The page ${sitePage.name} lacks nothing but the copy buttons`, async ({ page, request, browser }, testInfo) => {
    const path = await pathOf(request, sitePage);
    await page.goto(path);
    const other = await otherWindow(browser, testInfo, path);
    expect(await readable(page)).toBe(await readable(other));
    await other.context().close();
  });
}
