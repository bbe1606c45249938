import type { Page } from '@playwright/test';
import { expect, hasJavaScript, settled, test } from './helpers';

/** What has the focus: where it leads, whether it is in a list of the content, shows that it has the focus, and all of that. */
type Met = { address: string; isInList: boolean; isOutlined: boolean; isCut: boolean };

/** Goes through the page with Tab and tells what it meets. */
async function tabThrough(page: Page): Promise<Met[]> {
  const met: Met[] = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const width = parseFloat(style.outlineWidth);
      const isOutlined = style.outlineStyle !== 'none' && width >= 2;
      // Whether something around it cuts the outline away.
      const reach = width + parseFloat(style.outlineOffset) - 0.5;
      const box = element.getBoundingClientRect();
      let isCut = false;
      for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
        const { overflowX, overflowY } = getComputedStyle(around);
        if (overflowX === 'visible' && overflowY === 'visible') continue;
        const inside = around.getBoundingClientRect();
        const isInside = box.top - reach >= inside.top && box.bottom + reach <= inside.bottom
          && box.left - reach >= inside.left && box.right + reach <= inside.right;
        isCut ||= !isInside;
      }
      const address = element.getAttribute('href') ?? element.tagName.toLowerCase();
      return { address, isInList: element.closest('main li') !== null, isOutlined, isCut };
    });
    // Behind the last one the focus leaves the page, or starts again with the first.
    if (!focused || (met.length > 0 && focused.address === met[0].address)) return met;
    met.push(focused);
  }
}

test('The first Tab reaches the skip link, Enter goes to the content', async ({ page }) => {
  for (const path of ['/', '/packages', '/packages/pg_trgm', '/docs/find']) {
    await page.goto(path);
    await page.keyboard.press('Tab');
    const link = page.getByRole('link', { name: 'Skip to the content' });
    await expect(link).toBeFocused();
    await expect(link).toBeInViewport({ ratio: 1 });
    await page.keyboard.press('Enter');
    await expect(page.locator('#content')).toBeFocused();
    // From there it goes on inside the content.
    await page.keyboard.press('Tab');
    await expect(page.locator('#content :focus')).toHaveCount(1);
  }
});

test('Every category tile and every row has one link, and Tab reaches it', async ({ page, request }, testInfo) => {
  const categories: { slug: string }[] = await (await request.get('/api/v1/categories')).json().then((list) => list.items ?? list);
  expect(categories).toHaveLength(16);

  for (const path of ['/', '/packages', '/categories/search', '/docs']) {
    await page.goto(path);
    await settled(page, hasJavaScript(testInfo));
    const rows = page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('heading') });
    const addresses: string[] = [];
    for (const row of await rows.all()) {
      await expect(row.locator('a, button, [tabindex]')).toHaveCount(1);
      addresses.push((await row.getByRole('link').getAttribute('href'))!);
    }
    expect(addresses.length).toBeGreaterThan(0);
    if (path === '/') expect(addresses).toEqual(expect.arrayContaining(categories.map(({ slug }) => `/categories/${slug}`)));
    const order = (await tabThrough(page)).filter(({ isInList }) => isInList).map(({ address }) => address);
    expect(order.filter((address) => addresses.includes(address)), 'rows in the order of the page').toEqual(addresses);
  }
});

test('Whatever has the focus shows it, all of it', async ({ page }, testInfo) => {
  for (const path of ['/', '/packages?category=search&pg=15', '/packages/odd_many', '/packages/odd_text/files', '/docs/api', '/there/is/no/such/page']) {
    await page.goto(path);
    await settled(page, hasJavaScript(testInfo));
    const met = await tabThrough(page);
    expect(met.length).toBeGreaterThan(5);
    expect.soft(met.filter(({ isOutlined }) => !isOutlined), `${path}: what has the focus and does not show it`).toEqual([]);
    const cut = met.filter(({ isCut }) => isCut).map(({ address }) => address);
    expect.soft(cut, `${path}: what has the focus and shows it in part only`).toEqual([]);
  }
});

test('The way from the home page to a package needs no pointer', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('region', { name: 'Categories' }).getByRole('link', { name: /^Search\b/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/categories/search');
  await page.getByRole('link', { name: 'pg_trgm', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/packages/pg_trgm');
  await page.getByRole('link', { name: /^Files\b/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/packages/pg_trgm/files');
});

test('A search needs no pointer', async ({ page }) => {
  await page.goto('/');
  const field = page.getByLabel('Search extensions');
  for (let presses = 0; !(await field.evaluate((field) => field === document.activeElement)); presses += 1) {
    expect(presses, 'how often Tab was pressed').toBeLessThan(12);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('similar text');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/search?q=similar+text');
  const link = page.getByRole('main').getByRole('link', { name: 'pg_trgm', exact: true });
  for (let presses = 0; !(await link.evaluate((link) => link === document.activeElement)); presses += 1) {
    expect(presses, 'how often Tab was pressed').toBeLessThan(60);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/packages/pg_trgm');
});

test('The sheet with filters needs no pointer', async ({ page, viewport }) => {
  await page.goto('/packages');
  const [button, sheet] = [page.getByRole('button', { name: 'Filters', exact: true }), page.getByRole('navigation', { name: 'Filters' })];
  if (viewport!.width >= 1024) {
    // It is a column there, and there is nothing to open it with.
    await expect(button).toBeHidden();
    await expect(sheet).toBeVisible();
    return;
  }
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(sheet).toBeVisible();
  // What is in it comes next.
  await page.keyboard.press('Tab');
  await expect(sheet.getByRole('button', { name: 'Close' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(sheet).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('Space');
  for (const _ of ['Close', 'the first value']) await page.keyboard.press('Tab');
  await expect(sheet.locator('a:focus')).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/^[^?]*\/packages\?category=/);
});
