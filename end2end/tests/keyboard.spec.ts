import type { Page } from '@playwright/test';
import { expect, test } from './helpers';

/** Goes through the page with Tab and tells the addresses of the links it meets, and whether each shows that it has the focus. */
async function tabThrough(page: Page): Promise<{ address: string; isOutlined: boolean }[]> {
  const met = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
      const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      return { address: element.getAttribute('href') ?? element.tagName.toLowerCase(), isOutlined };
    });
    // Behind the last one the focus leaves the page, or starts again with the first.
    if (!focused || (met.length > 0 && focused.address === met[0].address)) return met;
    met.push(focused);
  }
}

test('The first Tab reaches the skip link, Enter goes to the content', async ({ page }) => {
  for (const path of ['/', '/packages', '/packages/pg_trgm']) {
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

test('Every category tile and every row has one link, and Tab reaches it', async ({ page, request }) => {
  const categories: { slug: string }[] = await (await request.get('/api/v1/categories')).json().then((list) => list.items ?? list);
  expect(categories).toHaveLength(16);

  for (const path of ['/', '/packages', '/categories/search']) {
    await page.goto(path);
    const rows = page.getByRole('main').getByRole('listitem').filter({ has: page.getByRole('heading') });
    const addresses: string[] = [];
    for (const row of await rows.all()) {
      await expect(row.locator('a, button, [tabindex]')).toHaveCount(1);
      addresses.push((await row.getByRole('link').getAttribute('href'))!);
    }
    expect(addresses.length).toBeGreaterThan(0);
    if (path === '/') expect(addresses).toEqual(expect.arrayContaining(categories.map(({ slug }) => `/categories/${slug}`)));
    const met = await tabThrough(page);
    expect(met.filter(({ isOutlined }) => !isOutlined), 'what has the focus and does not show it').toEqual([]);
    const order = met.map(({ address }) => address);
    expect(order.filter((address) => addresses.includes(address)), 'rows in the order of the page').toEqual(addresses);
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
});
