import { archive } from './archives';
import { accessibilityFindings, expect, test } from './helpers';

for (const javaScriptEnabled of [true, false]) {
  for (const width of [1280, 360]) {
    test.describe(`${javaScriptEnabled ? 'With' : 'Without'} JavaScript, ${width} wide`, () => {
      test.use({ javaScriptEnabled, viewport: { width, height: 800 } });

      test('Somebody checks an archive, mends it and publishes it', async ({ page }) => {
        const name = `sheep_${javaScriptEnabled ? 'awake' : 'asleep'}_${width}`;
        await page.goto('/publish');
        const form = page.getByRole('form', { name: 'Publish an archive' });
        const outcome = page.getByRole('status', { name: 'What became of it' });
        const fill = async (content: Buffer, token = process.env.PUBLISHING_TOKEN!) => {
          await form.getByLabel('Token', { exact: true }).fill(token);
          await form.getByLabel('Archive', { exact: true }).setInputFiles({ name: `${name}.tar.gz`, mimeType: 'application/gzip', buffer: content });
        };

        await test.step('A wrong token is named, and what was typed is kept', async () => {
          await fill(archive(name), 'pgi_nothing');
          await form.getByLabel('Repository', { exact: true }).fill('https://example.org/sheep');
          await form.getByRole('button', { name: 'Check first' }).click();
          await expect(outcome).toContainText('Nothing was published');
          await expect(form.getByLabel('Repository', { exact: true })).toHaveValue('https://example.org/sheep');
          // A server never sends a token back; a script does not take it away.
          await expect(form.getByLabel('Token', { exact: true })).toHaveValue(javaScriptEnabled ? 'pgi_nothing' : '');
        });

        await test.step('A broken control file is found before anything is stored', async () => {
          await fill(archive(name, 'nonsense = 1\n'));
          await form.getByRole('button', { name: 'Check first' }).click();
          await expect(outcome).toContainText(`${name} 1.0.0 would be refused`);
          await expect(outcome.getByRole('listitem')).toContainText(['control-file-broken']);
          expect(await accessibilityFindings(page, javaScriptEnabled)).toEqual([]);
        });

        await test.step('A source is looked at too', async () => {
          await form.getByLabel('Token', { exact: true }).fill(process.env.PUBLISHING_TOKEN!);
          await form.getByLabel('Archive', { exact: true }).setInputFiles({ name: 'source.zip', mimeType: 'application/zip', buffer: Buffer.from('PK, and nothing behind it') });
          await form.getByRole('button', { name: 'Check first' }).click();
          await expect(outcome).toContainText('archive-unreadable');
        });

        if (javaScriptEnabled) {
          await test.step('How far it is can be seen, and it can be stopped', async () => {
            await page.route('**/publish', (route) => (route.request().method() === 'POST' ? undefined : route.continue()));
            await form.getByRole('button', { name: 'Check first' }).click();
            await expect(page.getByText('Sending…')).toBeVisible();
            await expect(page.getByRole('progressbar', { name: 'Sent' })).toBeVisible();
            await expect(form.getByRole('button', { name: 'Publish', exact: true })).toBeDisabled();
            await page.getByRole('button', { name: 'Stop' }).click();
            await expect(outcome).toContainText('Stopped.');
            await expect(form.getByRole('button', { name: 'Publish', exact: true })).toBeEnabled();
            await page.unroute('**/publish');
          });
        }

        await test.step('A good one leads to its page', async () => {
          await page.goto('/publish');
          await fill(archive(name));
          await form.getByRole('button', { name: 'Publish', exact: true }).click();
          await expect(page).toHaveURL(`/packages/${name}`);
          await expect(page.getByRole('heading', { level: 1 })).toContainText(name);
          await expect(page.getByText('Counts sheep', { exact: true }).first()).toBeVisible();
          await expect(page.getByRole('region', { name: 'README' })).toContainText('Counts sheep, one by one.');
          await expect(page.getByText('Published by maintainer.')).toBeVisible();
          expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth).catch(() => true)).toBe(true);
        });
      });
    });
  }
}
