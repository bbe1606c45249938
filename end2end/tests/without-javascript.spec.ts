import { expect, ordinaryPages, otherWindow, pathOf, readable, test } from './helpers';

test('No button that needs scripts is shown, nor reached by the keyboard', async ({ page }) => {
  for (const path of ['/', '/packages/pg_trgm?way=archive', '/search?q=index']) {
    await page.goto(path);
    for (const name of [/^Cop/, /^Theme/, 'Keyboard shortcuts', 'Use them']) {
      await expect(page.getByRole('button', { name })).toHaveCount(0);
    }
    const hidden = page.locator('leptos-island button.invisible');
    expect(await hidden.count()).toBeGreaterThan(1);
    for (const button of await hidden.all()) {
      await expect(button).toBeHidden();
      await button.evaluate((element: HTMLElement) => element.focus());
      await expect(button).not.toBeFocused();
    }
    await expect(page.getByRole('combobox')).toHaveCount(0);
    await expect(page.getByRole('listbox')).toHaveCount(0);
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
});

test('What one would copy can be selected', async ({ page }) => {
  await page.goto('/packages/pg_trgm?way=archive');
  const codes = page.getByRole('main').locator('pre');
  expect(await codes.count()).toBeGreaterThan(1);
  for (const code of await codes.all()) {
    await expect(code).toBeVisible();
    await expect(code).toHaveCSS('user-select', 'auto');
  }
});

for (const sitePage of ordinaryPages) {
  test(`The page ${sitePage.name} lacks nothing but what only scripts bring`, async ({ page, request, browser }, testInfo) => {
    const path = await pathOf(request, sitePage);
    await page.goto(path);
    const other = await otherWindow(browser, testInfo, path);
    expect(await readable(page)).toBe(await readable(other));
    await other.context().close();
  });
}
