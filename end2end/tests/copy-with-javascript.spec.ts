import { expect, settled, test } from './helpers';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

test('Every copy button copies what stands beside it, and says so', async ({ page }) => {
  await page.goto('/packages/pg_trgm');
  await settled(page, true);
  const blocks = page.getByRole('main').locator('div:has(> pre)');
  expect(await blocks.count()).toBeGreaterThan(1);
  for (const block of await blocks.all()) {
    const button = block.getByRole('button', { name: /^Copy / });
    await expect(button).toBeVisible();
    await expect(button).toHaveText('Copy');
    await expect(block.getByRole('status')).toHaveText('');
    await button.click();
    await expect(button).toHaveText('Copied');
    await expect(block.getByRole('status')).toHaveText('Copied to the clipboard');
    const shown = await block.locator('pre').evaluate((pre) => pre.textContent);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
    // It says so for a moment only.
    await expect(button).toHaveText('Copy');
  }
});

test('The keyboard copies, too', async ({ page }) => {
  await page.goto('/packages/pg_trgm');
  await settled(page, true);
  const button = page.getByRole('region', { name: 'Install' }).getByRole('button', { name: /^Copy / }).last();
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(button).toHaveText('Copied');
  await expect(button).toBeFocused();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('CREATE EXTENSION');
});
