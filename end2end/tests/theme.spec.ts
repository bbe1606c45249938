import type { Page } from '@playwright/test';
import { accessibilityFindings, expect, settled, test } from './helpers';

/** Everything that has a colour, with its colours. */
function colours(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('html, body, body *')].map((element) => {
      const style = getComputedStyle(element);
      return [element.tagName, style.color, style.backgroundColor, style.borderTopColor, style.outlineColor, style.fill, style.stroke].join(' ');
    }),
  );
}

/** Notes the theme when the body begins, which is before anything of it can be painted, and at the first frame. */
async function noteThemes(page: Page): Promise<() => Promise<(string | null)[]>> {
  await page.addInitScript(() => {
    const noted: (string | null)[] = ((window as any).notedThemes = []);
    const note = () => noted.push(document.documentElement?.getAttribute('data-theme') ?? null);
    new MutationObserver((_, observer) => {
      if (!document.body) return;
      note();
      observer.disconnect();
      requestAnimationFrame(note);
    }).observe(document, { childList: true, subtree: true });
  });
  return () => page.waitForFunction(() => (window as any).notedThemes.length === 2 && (window as any).notedThemes).then((handle) => handle.jsonValue());
}

const button = (page: Page) => page.getByRole('button', { name: /^Theme: / });

test.beforeEach(({ page }) => page.emulateMedia({ reducedMotion: 'reduce' }));

test('The theme is chosen by a button and remembered, without a flash', async ({ page, colorScheme }) => {
  const themes = await noteThemes(page);
  const isDark = () => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const root = page.locator('html');
  await page.goto('/');
  await settled(page, true);
  expect(await themes()).toEqual([null, null]);
  await expect(button(page)).toHaveAccessibleName('Theme: as the system');
  expect(await isDark()).toBe(colorScheme === 'dark');
  const ownColours = await colours(page);

  for (const theme of ['light', 'dark']) {
    await button(page).click();
    await expect(root).toHaveAttribute('data-theme', theme);
    await expect(root).toHaveCSS('color-scheme', theme);
    await expect(button(page)).toHaveAccessibleName(`Theme: ${theme}`);
    await page.mouse.move(0, 0);
    await button(page).blur();
    const chosen = await colours(page);
    if (theme === colorScheme) expect(chosen).toEqual(ownColours);
    else expect(chosen).not.toEqual(ownColours);
    for (const path of [null, '/packages/pg_trgm', '/docs']) {
      if (path) await page.goto(path);
      else await page.reload();
      expect(await themes(), 'before anything was painted').toEqual([theme, theme]);
      await settled(page, true);
      await expect(root).toHaveAttribute('data-theme', theme);
      await expect(button(page)).toHaveAccessibleName(`Theme: ${theme}`);
    }
    await page.goto('/');
    await settled(page, true);
  }

  await button(page).click();
  await expect(root).not.toHaveAttribute('data-theme');
  await expect(button(page)).toHaveAccessibleName('Theme: as the system');
  await page.reload();
  expect(await themes()).toEqual([null, null]);
  // What the system says now counts at once.
  const other = colorScheme === 'dark' ? 'light' : 'dark';
  const before = await colours(page);
  await page.emulateMedia({ colorScheme: other, reducedMotion: 'reduce' });
  expect(await colours(page)).not.toEqual(before);
});

test('What was remembered and is no theme counts as none', async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem('theme', '"><b>purple'));
  await page.goto('/');
  await settled(page, true);
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
  await expect(button(page)).toHaveAccessibleName('Theme: as the system');
});

test('A theme against that of the system looks like the one of the system, and has its contrast', async ({ page, colorScheme }) => {
  const theme = colorScheme === 'dark' ? 'light' : 'dark';
  const paths = ['/', '/packages?category=search&pg=15', '/packages/odd_many', '/packages/odd_text/1.0.0', '/packages/odd_releases/versions?pg=10', '/docs/api'];
  const ofSystem = new Map<string, string[]>();
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  for (const path of paths.slice(0, 4)) {
    await page.goto(path);
    await settled(page, true);
    ofSystem.set(path, await colours(page));
  }
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.evaluate((theme) => localStorage.setItem('theme', theme), theme);
  for (const path of paths) {
    await page.goto(path);
    await settled(page, true);
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    if (ofSystem.has(path)) expect(await colours(page), path).toEqual(ofSystem.get(path));
    expect(await accessibilityFindings(page, true, true), path).toEqual([]);
  }
});
