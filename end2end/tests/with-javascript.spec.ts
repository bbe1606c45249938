import type { Locator, Page } from '@playwright/test';
import { accessibilityFindings, expect, longName, settled, test } from './helpers';

type Suggestions = { items: { name: string; summary: string | null }[] };

/** The search field that can be seen, its list and what is offered in it. */
function searchIn(page: Page) {
  const field = page.getByRole('combobox', { name: 'Search extensions' });
  const list = page.getByRole('listbox', { name: 'Suggestions' });
  return { field, list, options: list.getByRole('option') };
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page, true);
}

/** The option that the keyboard is at, and no other. */
async function expectActive(page: Page, place: number | null): Promise<void> {
  const { field, list, options } = searchIn(page);
  await expect(list.locator('[aria-selected="true"]')).toHaveCount(place === null ? 0 : 1);
  if (place === null) {
    await expect(field).not.toHaveAttribute('aria-activedescendant');
  } else {
    await expect(options.nth(place)).toHaveAttribute('aria-selected', 'true');
    await expect(field).toHaveAttribute('aria-activedescendant', (await options.nth(place).getAttribute('id'))!);
  }
}

test.describe('Suggestions', () => {
  test('The keyboard goes through them and opens one', async ({ page, request }) => {
    const offered: Suggestions = await (await request.get('/api/v1/suggest?q=pg_s')).json();
    const names = offered.items.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(2);
    await open(page, '/');
    const { field, list, options } = searchIn(page);
    await expect(field).toHaveAttribute('aria-expanded', 'false');
    await expect(field).toHaveAttribute('aria-autocomplete', 'list');
    await field.pressSequentially('pg_s');
    await expect(list).toBeVisible();
    await expect(field).toHaveAttribute('aria-expanded', 'true');
    expect(await field.getAttribute('aria-controls')).toBe(await list.getAttribute('id'));
    await expect(options).toHaveCount(names.length);
    for (const [place, { name, summary }] of offered.items.entries()) {
      await expect(options.nth(place)).toContainText(name);
      await expect(options.nth(place)).toContainText(summary!);
    }
    expect(await accessibilityFindings(page, true), 'what axe finds').toEqual([]);

    await expectActive(page, null);
    await field.press('ArrowDown');
    await expectActive(page, 0);
    await field.press('ArrowDown');
    await expectActive(page, 1);
    await field.press('ArrowUp');
    await field.press('ArrowUp');
    await expectActive(page, names.length - 1);
    await field.press('ArrowDown');
    await expectActive(page, 0);

    await field.press('Escape');
    await expect(list).toBeHidden();
    await expect(field).toHaveAttribute('aria-expanded', 'false');
    await expectActive(page, null);
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('pg_s');
    await field.press('ArrowDown');
    await expect(list).toBeVisible();
    await field.press('ArrowDown');
    await expectActive(page, 1);
    await field.press('Enter');
    await expect(page).toHaveURL(`/packages/${names[1]}`);
  });

  test('Enter searches for the text as long as none is chosen', async ({ page }) => {
    await open(page, '/');
    const { field, list } = searchIn(page);
    await field.pressSequentially('pg_s');
    await expect(list).toBeVisible();
    await field.press('Enter');
    await expect(page).toHaveURL('/search?q=pg_s');
  });

  test('The pointer opens one', async ({ page }) => {
    await open(page, '/');
    const { field, options } = searchIn(page);
    await field.pressSequentially('hst');
    await options.filter({ hasText: 'hstore' }).click();
    await expect(page).toHaveURL('/packages/hstore');
  });

  test('They close when the focus leaves, when the text goes, and where there are none', async ({ page }) => {
    await open(page, '/');
    const { field, list } = searchIn(page);
    await field.pressSequentially('hst');
    await expect(list).toBeVisible();
    await field.press('Tab');
    await expect(list).toBeHidden();
    await field.focus();
    await expect(list).toBeVisible();
    await field.fill('');
    await expect(list).toBeHidden();
    await field.pressSequentially('hst');
    await expect(list).toBeVisible();
    const answered = page.waitForResponse((response) => response.url().includes('xyzzy'));
    await field.fill('xyzzyxyzzy');
    await answered;
    await expect(list).toBeHidden();
    await expect(field).toHaveAttribute('aria-expanded', 'false');
  });

  test('A late answer never replaces a newer one', async ({ page }) => {
    let answerLate = () => {};
    const late = new Promise<void>((resolve) => (answerLate = resolve));
    const answer = (name: string) => ({ json: { items: [{ name, summary: 'From a test' }] } });
    await page.route('**/api/v1/suggest?q=a', async (route) => {
      await late;
      await route.fulfill(answer('the_older'));
    });
    await page.route('**/api/v1/suggest?q=ab', (route) => route.fulfill(answer('the_newer')));
    await open(page, '/');
    const { field, options } = searchIn(page);
    const asked = page.waitForRequest('**/api/v1/suggest?q=a');
    await field.pressSequentially('a');
    await asked;
    await field.pressSequentially('b');
    await expect(options).toHaveText([/the_newer/]);
    const answered = page.waitForResponse('**/api/v1/suggest?q=a');
    answerLate();
    await (await answered).finished();
    // What the answer would bring, it brings within a moment.
    await page.waitForTimeout(200);
    await expect(options).toHaveText([/the_newer/]);
  });

  test('Not every letter asks', async ({ page }) => {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/suggest')) asked.push(new URL(request.url()).searchParams.get('q')!);
    });
    await open(page, '/');
    const { field, list } = searchIn(page);
    await field.pressSequentially('hstore', { delay: 20 });
    await expect(list).toBeVisible();
    // The list may be there for the first letter already.
    await expect.poll(() => asked.at(-1)).toBe('hstore');
    expect(asked.length).toBeLessThan(6);
  });

  test('Odd names and sentences fit', async ({ page }, testInfo) => {
    await open(page, '/');
    const { field, list, options } = searchIn(page);
    const before = await page.evaluate(() => document.documentElement.scrollWidth);
    await field.pressSequentially('odd');
    await expect(list).toBeVisible();
    await page.screenshot({ path: `results/screenshots/${testInfo.project.name}/suggestions.png`, animations: 'disabled' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), 'width that the page needs').toBe(before);
    // The whole of a name is there to be read.
    const name = options.filter({ hasText: longName }).locator('span').first();
    const [shown, available] = [(await name.boundingBox())!, (await list.boundingBox())!];
    expect(shown.x + shown.width, 'where the longest name ends').toBeLessThanOrEqual(available.x + available.width);
  });

  test('They are there in every search field', async ({ page, viewport }) => {
    for (const path of ['/search', '/there/is/no/such/page', ...(viewport!.width < 640 ? [] : ['/docs'])]) {
      await page.goto(path);
      await page.waitForFunction(() => !document.querySelector('leptos-island button.invisible'));
      const field = page.getByRole('combobox', { name: 'Search extensions' }).filter({ visible: true }).last();
      await field.pressSequentially('hst');
      await expect(page.getByRole('option').filter({ hasText: 'hstore', visible: true })).toBeVisible();
    }
  });
});

test.describe('Shortcuts', () => {
  const dialogOf = (page: Page): Locator => page.getByRole('dialog', { name: 'Keyboard shortcuts' });

  test('Keys lead to places', async ({ page }) => {
    await open(page, '/about');
    for (const [keys, address] of [['gb', '/packages'], ['gd', '/docs'], ['gh', '/']]) {
      for (const key of keys) await page.keyboard.press(key);
      await expect(page).toHaveURL(address);
      await settled(page, true);
    }
    // Another key in between, or with Control: nothing happens.
    for (const keys of [['g', 'x', 'd'], ['d'], ['g', 'Control+d']]) {
      for (const key of keys) await page.keyboard.press(key);
    }
    await page.waitForTimeout(200);
    await expect(page).toHaveURL('/');
  });

  test('A slash leads to the search field', async ({ page, viewport }) => {
    for (const path of ['/', '/packages', '/search?q=index']) {
      await open(page, path);
      await page.keyboard.press('/');
      if (path === '/packages' && viewport!.width < 640) {
        await expect(page).toHaveURL('/search');
      } else {
        const field = page.getByRole('combobox', { name: 'Search extensions' });
        await expect(field).toBeFocused();
        await expect(field).toHaveValue(path.includes('index') ? 'index' : '');
        // What stood there is chosen, so that one types over it.
        await page.keyboard.type('hst');
        await expect(field).toHaveValue('hst');
      }
    }
  });

  test('Nothing happens while somebody types', async ({ page }) => {
    await open(page, '/');
    const { field } = searchIn(page);
    await field.click();
    await page.keyboard.type('gb?/gd');
    await expect(field).toHaveValue('gb?/gd');
    await expect(dialogOf(page)).toBeHidden();
    await page.waitForTimeout(200);
    await expect(page).toHaveURL('/');
  });

  test('They are listed, can be switched off, and that is remembered', async ({ page }) => {
    await open(page, '/docs/find');
    const dialog = dialogOf(page);
    const box = dialog.getByRole('checkbox', { name: 'Use them' });
    await page.keyboard.press('?');
    await expect(dialog).toBeVisible();
    await expect(dialog.getByRole('term')).toHaveText(['Search', 'Through suggestions and rows', 'Home', 'Browse', 'Docs', 'This list']);
    expect(await accessibilityFindings(page, true), 'what axe finds').toEqual([]);
    await expect(box).toBeChecked();
    // What is behind it takes no keys.
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(page).toHaveURL('/docs/find');

    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await box.uncheck();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole('button', { name: 'Keyboard shortcuts' })).toBeFocused();
    for (const path of [null, '/docs/find', '/about']) {
      if (path) await open(page, path);
      for (const key of ['/', 'g', 'h']) await page.keyboard.press(key);
      await page.waitForTimeout(200);
      await expect(page).toHaveURL(path ?? '/docs/find');
      await expect(page.getByRole('combobox').filter({ visible: true }).and(page.locator(':focus'))).toHaveCount(0);
    }
    // The list still comes, so that they can be switched on again.
    await page.keyboard.press('?');
    await expect(box).not.toBeChecked();
    await box.check();
    await page.keyboard.press('Escape');
    // The focus leaves the box a moment after the list has closed.
    await expect(page.locator(':focus')).toHaveCount(0);
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await expect(page).toHaveURL('/');
  });

  test('Arrows go from row to row', async ({ page, request }) => {
    const { items }: Suggestions = await (await request.get('/api/v1/search?limit=20')).json();
    const names = items.map(({ name }) => name);
    await open(page, '/packages');
    const row = (place: number) => page.getByRole('main').getByRole('link', { name: names[place], exact: true });
    await page.keyboard.press('ArrowDown');
    await expect(page.locator('main :focus')).toHaveCount(0);
    await row(0).focus();
    await page.keyboard.press('ArrowUp');
    await expect(row(0)).toBeFocused();
    for (const place of [1, 2]) {
      await page.keyboard.press('ArrowDown');
      await expect(row(place)).toBeFocused();
      await expect(row(place)).toBeInViewport();
    }
    await page.keyboard.press('ArrowUp');
    await expect(row(1)).toBeFocused();
    await row(names.length - 1).focus();
    await page.keyboard.press('ArrowDown');
    await expect(row(names.length - 1)).toBeFocused();
    await row(1).focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`/packages/${names[1]}`);
  });
});

test.describe('Copying', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

  for (const [path, lines] of [
    ['/packages/pg_trgm', ['apt-get install postgresql-15', 'CREATE EXTENSION pg_trgm;']],
    ['/packages/odd_text', [null, /^session_preload_libraries = 'odd_text' # شرح$/, /^CREATE EXTENSION odd_text CASCADE;\nCREATE EXTENSION "بحث ""nasty"" \$HOME";$/]],
    ['/packages/odd_many', ['apt-get install postgresql-18-odd-many', /^session_preload_libraries = 'odd_2'\nshared_preload_libraries = /, /^select pg_create_logical_replication_slot\('slot', 'odd_5'\);$/, /^CREATE EXTENSION "Odd-Many-Quoted" CASCADE;\nCREATE EXTENSION odd_many;\n/]],
    [`/packages/${longName}?way=archive`, [/^curl [^\n]+\necho [0-9a-f]{64}  [^\n]+ \| sha256sum -c\ntar /, /x{300}$/, `CREATE EXTENSION ${longName} CASCADE;`]],
  ] as const) {
    test(`Every copy button of ${path.slice(0, 28)} copies the lines beside it, and says so`, async ({ page }) => {
      await open(page, path);
      const blocks = page.getByRole('main').locator('div:has(> pre)');
      await expect(blocks).toHaveCount(lines.length);
      for (const [place, expected] of lines.entries()) {
        const block = blocks.nth(place);
        const button = block.getByRole('button', { name: /^Copy / });
        await expect(button).toHaveText('Copy');
        await expect(block.getByRole('status')).toHaveText('');
        await button.click();
        await expect(button).toHaveText('Copied');
        await expect(block.getByRole('status')).toHaveText('Copied to the clipboard');
        const copied = await clipboard(page);
        expect(copied).toBe(await block.locator('pre').evaluate((pre) => pre.textContent));
        if (typeof expected === 'string') expect(copied).toBe(expected);
        else if (expected) expect(copied).toMatch(expected);
        // What is selected by hand is the same.
        const selected = await block.locator('pre').evaluate((pre) => {
          getSelection()!.selectAllChildren(pre);
          return getSelection()!.toString();
        });
        expect(selected.trimEnd()).toBe(copied);
      }
      // It says so for a moment only.
      await expect(blocks.first().getByRole('button', { name: /^Copy / })).toHaveText('Copy');
    });
  }

  test('The keyboard copies, too', async ({ page }) => {
    await open(page, '/packages/pg_trgm');
    const button = page.getByRole('region', { name: 'Install' }).getByRole('button', { name: /^Copy / }).last();
    await button.focus();
    await page.keyboard.press('Enter');
    await expect(button).toHaveText('Copied');
    await expect(button).toBeFocused();
    expect(await clipboard(page)).toBe('CREATE EXTENSION pg_trgm;');
  });
});
