import { readFile } from 'node:fs/promises';
import { expect, packageOf, sha256, test } from './helpers';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'With JavaScript' : 'Without JavaScript', () => {
    test.use({ javaScriptEnabled });

    test('Somebody downloads a file, and it is the one that the page promises', async ({ page, request }) => {
      const [artifact] = (await packageOf(request, 'pg_trgm')).current.artifacts;
      await page.goto('/packages/pg_trgm');
      await page.getByRole('navigation', { name: 'Parts of this page' }).getByRole('link', { name: /^Files\b/ }).click();
      await expect(page).toHaveURL('/packages/pg_trgm/files');
      const link = page.getByRole('link', { name: artifact.file_name, exact: true });
      const row = page.getByRole('region', { name: 'Files' }).getByRole('listitem').filter({ has: link });
      const shown = (await row.locator('code').innerText()).trim();
      expect(shown).toBe(artifact.sha256);
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      expect(download.suggestedFilename()).toBe(artifact.file_name);
      const content = await readFile(await download.path());
      expect(content.byteLength).toBe(artifact.size);
      expect(sha256(content)).toBe(shown);
    });
  });
}
