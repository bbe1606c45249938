// What admins keep in order, and what others see of it: claims, categories, tags, what is featured, banners, names and the log. All
// of it goes without scripts.

import type { Locator, Page } from '@playwright/test';
import { expect, test } from './helpers';
import {
  administer, choosePassword, close, createAccount, letTimeGoBy, looker, password, refused, sessions, showPassword, tooShort, whatWasDone,
  whatWasWrong, windowOf,
} from './people';

const [admin, moderator, claimant] = ['abbot-of-names', 'monk-of-cases', 'heir-of-rows'];
/** A package of this machine's PostgreSQL, which nobody owns and no other test asks for. */
const name = 'tsm_system_rows';
const why = 'It is <i>better</i> so & for everybody.';

/** Looks at a page as narrow and wide windows show it; the story goes on in the wide one. */
async function lookAtBoth(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme] of [[360, 'dark'], [1280, 'light']] as const) {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme });
    await looker(page, `administration/no-javascript-${width}-`, false)(name);
  }
}

/** What was written to an address, the newest first. */
async function messagesTo(page: Page, email: string): Promise<string> {
  const html = await (await page.request.get('/dev/mail')).text();
  return html.split('<article>').filter((message) => message.includes(`<p>To ${email},`)).join('\n');
}

/** Opens a part of the administration as somebody who has its list of parts before them. */
async function openPart(page: Page, part: string): Promise<void> {
  await page.goto('/admin');
  await page.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: part, exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(part);
}

/** The rows of the log. */
const events = (page: Page): Locator => page.getByRole('main').getByRole('listitem').filter({ has: page.locator('summary') });

/** An act says what was done, and that it is an event of the log; its link leads there. */
async function isInTheLog(page: Page, done: string, kind: string, sentence: string): Promise<void> {
  await expect(whatWasDone(page)).toContainText(done);
  await expect(whatWasDone(page)).toContainText(/In the log it is event \d+\.$/);
  const link = whatWasDone(page).getByRole('link', { name: /^event \d+$/ });
  const number = (await link.innerText()).replace('event ', '');
  await link.click();
  await expect(page).toHaveURL(`/admin/log?event=${number}`);
  await isTheEvent(page, kind, sentence);
}

/** The log shows one event: what it was, by whom and why. */
async function isTheEvent(page: Page, kind: string, sentence: string): Promise<void> {
  await expect(events(page)).toHaveCount(1);
  for (const words of [sentence, kind, admin, why]) await expect(events(page)).toContainText(words);
}

test.describe.configure({ mode: 'serial' });
test.use({ javaScriptEnabled: false });

test.beforeAll(async ({ browser, baseURL }) => {
  test.setTimeout(120_000);
  for (const handle of [admin, moderator, claimant]) {
    createAccount(handle);
    const { page, problems } = await windowOf(browser, baseURL!);
    await choosePassword(page, handle);
    await showPassword(page, handle);
    await expect(page).toHaveURL('/settings');
    sessions.set(handle, await page.context().storageState());
    await close({ page, problems });
  }
  administer('grant-role', admin, 'admin');
  administer('grant-role', moderator, 'moderator');
});

test('Somebody claims a package that nobody owns, and an admin grants it', async ({ page: stranger, browser, baseURL }) => {
  test.setTimeout(180_000);
  const [abbot, monk, heir] = await Promise.all([admin, moderator, claimant].map((handle) => windowOf(browser, baseURL!, handle)));
  const lookedAfterBy = stranger.getByRole('region', { name: 'Looked after by' }).getByRole('listitem');
  const file = 'https://example.org/rows/raw/main/.pginstall-claim';
  const address = heir.page.locator('[name="address"]');

  await test.step('Its page says that nobody maintains it; whoever claims it logs in first', async () => {
    await stranger.goto(`/packages/${name}`);
    await expect(stranger.getByText('Nobody maintains it here.')).toBeVisible();
    await expect(lookedAfterBy).toHaveCount(0);
    await stranger.getByRole('link', { name: 'Claim it' }).click();
    await expect(stranger).toHaveURL(/\/login\?next=/);
    await heir.page.goto('/settings/packages');
    await expect(heir.page.getByRole('main').getByRole('link', { name })).toHaveCount(0);
    expect((await heir.page.goto(`/settings/packages/${name}`))?.status()).toBe(404);
  });

  const code = await test.step('The claimant reads which file to make, and a code of their own', async () => {
    const { page } = heir;
    await page.goto(`/packages/${name}`);
    await page.getByRole('link', { name: 'Claim it' }).click();
    await expect(page).toHaveURL(`/settings/claims/${name}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Claim ${name}`);
    const how = page.getByRole('region', { name: 'How to claim it' });
    await expect(how).toContainText('.pginstall-claim');
    await lookAtBoth(page, 'claim');
    const code = (await how.locator('code').innerText()).trim();
    expect(code).toMatch(/^pginstall-claim-[0-9a-f]{24}$/);
    // Of this account only.
    await monk.page.goto(`/settings/claims/${name}`);
    await expect(monk.page.getByRole('region', { name: 'How to claim it' }).locator('code')).toHaveText(/^pginstall-claim-/);
    await expect(monk.page.getByText(code)).toHaveCount(0);
    return code;
  });

  await test.step('An address that is none of the web is refused', async () => {
    await address.fill('ftp://example.org/.pginstall-claim');
    await heir.page.getByRole('button', { name: 'Claim the package' }).click();
    await refused(address, 'ftp://example.org/.pginstall-claim', /^An address begins with https:\/\/ or http:\/\//);
    await lookAtBoth(heir.page, 'claim-refused');
  });

  await test.step('A claim waits, and is made once', async () => {
    const { page } = heir;
    await address.fill(file);
    await page.getByRole('button', { name: 'Claim the package' }).click();
    await expect(whatWasDone(page)).toContainText('You will get a mail');
    await lookAtBoth(page, 'claimed');
    await page.goto(`/settings/claims/${name}`);
    await expect(page.getByText('You have claimed it.')).toBeVisible();
    await expect(address).toHaveCount(0);
    await lookAtBoth(page, 'claim-waits');
    expect((await page.goto(`/settings/packages/${name}`))?.status(), 'it is nobody\'s still').toBe(404);
  });

  const said = (page: Page) => page.getByRole('region', { name: 'What is said' });
  const decision = (page: Page) => page.getByRole('form', { name: 'Decide' });

  await test.step('A moderator sees the claim, and does not grant it', async () => {
    const { page } = monk;
    await openPart(page, 'Reports');
    await page.getByRole('region', { name: 'Waiting for a verdict' }).getByRole('link', { name }).click();
    await expect(said(page)).toContainText(file);
    await expect(decision(page).getByRole('button')).toHaveText(['Quarantine', 'Dismiss']);
  });

  await test.step('An admin reads the code and where it is said to be, and grants the claim with a reason', async () => {
    const { page } = abbot;
    await page.goto('/admin');
    await page.getByRole('region', { name: 'What waits' }).getByRole('link', { name: /\bcases? waits?$/ }).click();
    await expect(page).toHaveURL('/admin/reports');
    await lookAtBoth(page, 'reports-with-claim');
    await page.getByRole('region', { name: 'Waiting for a verdict' }).getByRole('link', { name }).click();
    for (const words of [file, code, claimant]) await expect(said(page)).toContainText(words);
    await lookAtBoth(page, 'case-of-claim');
    await decision(page).getByLabel('Reason').fill('Is so');
    await decision(page).getByRole('button', { name: 'Grant the claim' }).click();
    await refused(decision(page).getByLabel('Reason'), 'Is so', tooShort);
    // Whoever was away for a while is asked who they are, and nothing of what was typed is lost.
    letTimeGoBy(admin);
    await decision(page).getByLabel('Reason').fill(why);
    await decision(page).getByRole('button', { name: 'Grant the claim' }).click();
    const confirmation = page.getByRole('form', { name: 'Confirm with the password' });
    await lookAtBoth(page, 'confirm');
    await confirmation.getByLabel('Your password').fill(password);
    await confirmation.getByRole('button', { name: 'Confirm' }).click();
    await expect(whatWasDone(page)).toContainText('It is decided');
    await expect(page.getByText('Decided: granted')).toBeVisible();
    await lookAtBoth(page, 'case-of-claim-granted');
    await isInTheLog(page, 'It is decided', 'package.claimed', name);
    await expect(events(page)).toContainText(claimant);
    await lookAtBoth(page, 'log-one-event');
  });

  await test.step('The claimant gets a mail and owns the package, as everybody sees', async () => {
    const mail = await messagesTo(stranger, `${claimant}@example.org`);
    expect(mail).toContain(`You own the package ${name}`);
    expect(mail).toContain('It is &lt;i&gt;better&lt;/i&gt; so &amp; for everybody.');
    const { page } = heir;
    await page.goto('/settings/packages');
    await expect(page.getByRole('main').getByRole('listitem').filter({ hasText: name })).toContainText('owner');
    await page.getByRole('main').getByRole('link', { name }).click();
    await expect(page).toHaveURL(`/settings/packages/${name}`);
    await expect(page.getByRole('region', { name: 'Who looks after it' }).getByRole('listitem')).toHaveCount(1);
    await lookAtBoth(page, 'package-of-claimant');
    await stranger.goto(`/packages/${name}`);
    await expect(lookedAfterBy).toHaveText([`${claimant}, owner`]);
    await expect(stranger.getByText('Nobody maintains it here.')).toHaveCount(0);
    await lookAtBoth(stranger, 'package-page-claimed');
    expect((await monk.page.goto(`/settings/claims/${name}`))?.status(), 'nobody else claims it').toBe(404);
  });

  await close(abbot, monk, heir);
});

test('Categories and tags are kept in order, and a package is featured', async ({ page: stranger, browser, baseURL }) => {
  test.setTimeout(180_000);
  const [abbot, heir] = await Promise.all([admin, claimant].map((handle) => windowOf(browser, baseURL!, handle)));
  const { page } = abbot;
  const tiles = stranger.getByRole('region', { name: 'Categories' }).getByRole('listitem');
  const labels = stranger.getByRole('region', { name: 'Categories and tags' }).getByRole('link');
  const description = heir.page.getByRole('form', { name: 'Description' });
  const listed = stranger.getByRole('main').getByRole('link', { name, exact: true });

  await test.step('A category is added; what is wrong with it stands below its field', async () => {
    await openPart(page, 'Categories');
    const form = page.getByRole('form', { name: 'Add a category' });
    await form.getByLabel('Name').fill('Rows by chance');
    await form.getByLabel('Key').fill('Rows by chance');
    await form.getByLabel('What it is about').fill('Look at <some> rows, not at all of them');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Add' }).click();
    await refused(form.getByLabel('Key'), 'Rows by chance', /lower-case letters/i);
    await expect(form.getByLabel('Name')).toHaveValue('Rows by chance');
    await expect(form.getByLabel('What it is about')).toHaveValue('Look at <some> rows, not at all of them');
    await expect(form.getByLabel('Reason')).toHaveValue(why);
    await lookAtBoth(page, 'category-to-add-refused');
    await form.getByLabel('Key').fill('rows_by_chance');
    await form.getByRole('button', { name: 'Add' }).click();
    await lookAtBoth(page, 'categories');
    await expect(page.locator('main a[href^="/admin/categories/"]').last()).toHaveText('Rows by chance');
    await isInTheLog(page, 'The category is there, as the last one', 'category.added', 'A category was added');
    await stranger.goto('/');
    await expect(tiles.last()).toContainText('Rows by chance');
  });

  await test.step('An owner puts a package there, and gives it tags', async () => {
    await heir.page.goto(`/settings/packages/${name}/description`);
    await description.getByLabel('Category', { exact: true }).selectOption('rows_by_chance');
    await description.getByLabel('Second category').selectOption('');
    await description.getByLabel('Third category').selectOption('');
    await description.getByLabel('Tags').fill('tombola, raffles');
    await description.getByRole('button', { name: 'Save' }).click();
    await expect(whatWasDone(heir.page)).toContainText('What is said of the package is changed');
    await stranger.goto(`/packages/${name}`);
    await expect(labels).toHaveText(['Rows by chance', 'raffles', 'tombola']);
  });

  await test.step('It gets another name and the first place, as the home page shows', async () => {
    await openPart(page, 'Categories');
    await page.getByRole('main').getByRole('link', { name: 'Rows by chance' }).click();
    await expect(page).toHaveURL('/admin/categories/rows_by_chance');
    await lookAtBoth(page, 'category');
    const form = page.getByRole('form', { name: 'Name and place' });
    await form.getByLabel('Name').fill('Search');
    await form.getByLabel('Place').fill('1');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Save' }).click();
    await refused(form.getByLabel('Name'), 'Search', /^Another category has this name/);
    await expect(form.getByLabel('Place')).toHaveValue('1');
    await lookAtBoth(page, 'category-refused');
    await form.getByLabel('Name').fill('Sampling');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sampling');
    await lookAtBoth(page, 'category-changed');
    await isInTheLog(page, 'The category is changed', 'category.changed', 'What a category is called, or its place, changed');
    await stranger.goto('/');
    await expect(tiles.first()).toContainText('Sampling');
    await lookAtBoth(stranger, 'home-with-category');
    await tiles.first().getByRole('link').click();
    await expect(stranger).toHaveURL('/categories/rows_by_chance');
    await expect(stranger.getByRole('heading', { level: 1 })).toHaveText('Sampling');
    await expect(listed).toBeVisible();
  });

  await test.step('It is merged into another one, to which its old address leads', async () => {
    await page.goto('/admin/categories/rows_by_chance');
    const form = page.getByRole('form', { name: 'Merge' });
    await form.getByLabel('Into').selectOption('orchestration');
    await form.getByLabel('Reason').fill('So');
    await form.getByRole('button', { name: 'Merge' }).click();
    await refused(form.getByLabel('Reason'), 'So', tooShort);
    await expect(form.getByLabel('Into')).toHaveValue('orchestration');
    await lookAtBoth(page, 'category-merge-refused');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Merge' }).click();
    // Its own page is no more, so its event is what is shown.
    await expect(page).toHaveURL(/\/admin\/log\?event=\d+$/);
    await isTheEvent(page, 'category.merged', 'A category was merged into another one');
    await lookAtBoth(page, 'category-merged');
    expect((await page.goto('/admin/categories/rows_by_chance'))?.status()).toBe(404);
    await stranger.goto('/categories/rows_by_chance');
    await expect(stranger).toHaveURL('/categories/orchestration');
    await expect(listed).toBeVisible();
    await stranger.goto('/');
    await expect(tiles.filter({ hasText: 'Sampling' })).toHaveCount(0);
    await stranger.goto(`/packages/${name}`);
    await expect(labels).toHaveText(['Orchestration', 'raffles', 'tombola']);
  });

  const change = page.getByRole('form', { name: 'Change a tag' });
  const tagRow = (tag: string) => page.getByRole('main').getByRole('listitem').filter({ hasText: tag });

  const findTag = async (text: string) => {
    await openPart(page, 'Tags');
    const search = page.getByRole('search', { name: 'Search tags' });
    await search.getByRole('searchbox').fill(text);
    await search.getByRole('button').click();
  };

  await test.step('A tag is merged into another one, to which its old address leads', async () => {
    await openPart(page, 'Tags');
    await lookAtBoth(page, 'tags');
    await findTag('no such tag');
    await expect(page.getByText('None.', { exact: true })).toBeVisible();
    await findTag('raff');
    await expect(tagRow('raffles')).toContainText('1 package');
    await tagRow('raffles').getByRole('link', { name: 'raffles' }).click();
    await expect(change.getByLabel('Tag', { exact: true })).toHaveValue('raffles');
    await change.getByLabel('What').selectOption('merge');
    await change.getByLabel('Into').fill('raffles');
    await change.getByLabel('Reason').fill(why);
    await change.getByRole('button', { name: 'Save' }).click();
    await refused(change.getByLabel('Into'), 'raffles', /^Name another tag/);
    await expect(change.getByLabel('Tag', { exact: true })).toHaveValue('raffles');
    await lookAtBoth(page, 'tag-refused');
    await change.getByLabel('Into').fill('lottery');
    await change.getByRole('button', { name: 'Save' }).click();
    await isInTheLog(page, 'All packages with the tag have the other one now', 'tag.merged', 'A tag was merged into another one');
    await findTag('raff');
    await expect(tagRow('raffles')).toContainText('merged into lottery');
    await lookAtBoth(page, 'tag-merged');
    await stranger.goto('/tags/raffles');
    await expect(stranger).toHaveURL('/tags/lottery');
    await expect(listed).toBeVisible();
  });

  await test.step('A forbidden tag is on no package, and whoever uses it is told why', async () => {
    await page.goto('/admin/tags?tag=tombola');
    await change.getByLabel('What').selectOption('forbid');
    await change.getByLabel('Reason').fill(why);
    await change.getByRole('button', { name: 'Save' }).click();
    await isInTheLog(page, 'Nobody may use the tag any more', 'tag.forbidden', 'A tag was forbidden');
    await findTag('tombola');
    await expect(tagRow('tombola')).toContainText(`Forbidden: ${why}`);
    await lookAtBoth(page, 'tag-forbidden');
    await stranger.goto(`/packages/${name}`);
    await expect(labels).toHaveText(['Orchestration', 'lottery']);
    expect((await stranger.goto('/tags/tombola'))?.status()).toBe(404);
    await heir.page.goto(`/settings/packages/${name}/description`);
    await description.getByLabel('Tags').fill('lottery, tombola');
    await description.getByRole('button', { name: 'Save' }).click();
    await expect(description.getByLabel('Tags')).toHaveAccessibleDescription(/It is <i>better<\/i> so & for everybody\./);
    await expect(description.getByLabel('Tags')).toHaveValue('lottery, tombola');
    await lookAtBoth(heir.page, 'description-with-forbidden-tag');
  });

  await test.step('Everybody may use it again', async () => {
    await page.goto('/admin/tags?tag=tombola');
    await change.getByLabel('What').selectOption('allow');
    await change.getByLabel('Reason').fill(why);
    await change.getByRole('button', { name: 'Save' }).click();
    await isInTheLog(page, 'Everybody may use the tag again', 'tag.allowed', 'A tag may be used again');
    await description.getByRole('button', { name: 'Save' }).click();
    await expect(whatWasDone(heir.page)).toContainText('What is said of the package is changed');
  });

  const featured = stranger.getByRole('region', { name: 'Featured' });

  await test.step('A package is featured on the home page', async () => {
    await openPart(page, 'Packages');
    await lookAtBoth(page, 'packages');
    const search = page.getByRole('search', { name: 'Search packages' });
    await search.getByLabel('Name').fill('system_rows');
    await search.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('main').getByRole('link', { name, exact: true }).click();
    await expect(page).toHaveURL(/\/admin\/packages\/\d+$/);
    await expect(page.getByRole('region', { name: 'About the package' })).toContainText(claimant);
    await lookAtBoth(page, 'package');
    const form = page.getByRole('form', { name: 'Feature it' });
    await form.getByLabel('Reason').fill('Nice');
    await form.getByRole('button', { name: 'Feature it' }).click();
    await refused(form.getByLabel('Reason'), 'Nice', tooShort);
    await lookAtBoth(page, 'feature-refused');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Feature it' }).click();
    await expect(page.getByRole('region', { name: 'About the package' })).toContainText('featured');
    await lookAtBoth(page, 'package-featured');
    await isInTheLog(page, 'The home page shows it now', 'package.featured', name);
    await stranger.goto('/');
    await expect(featured.getByRole('link', { name })).toBeVisible();
    await lookAtBoth(stranger, 'home-with-featured');
    await featured.getByRole('link', { name }).click();
    await expect(stranger).toHaveURL(`/packages/${name}`);
  });

  await test.step('It is found among the featured ones, and featured no longer', async () => {
    await openPart(page, 'Packages');
    await page.getByLabel('Which').selectOption('featured');
    await page.getByRole('search', { name: 'Search packages' }).getByRole('button', { name: 'Search' }).click();
    await expect(page.getByLabel('Which')).toHaveValue('featured');
    await expect(page.getByRole('main').getByRole('link', { name, exact: true })).toBeVisible();
    await lookAtBoth(page, 'packages-featured');
    await page.getByRole('main').getByRole('link', { name, exact: true }).click();
    const form = page.getByRole('form', { name: 'Feature it no longer' });
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Feature it no longer' }).click();
    await isInTheLog(page, 'The home page shows it no longer', 'package.unfeatured', name);
    await stranger.goto('/');
    await expect(featured.getByRole('link', { name })).toHaveCount(0);
  });

  await close(abbot, heir);
});

test('A banner stands above every page at once, and is gone at once', async ({ page: stranger, browser, request, baseURL }) => {
  test.setTimeout(120_000);
  const abbot = await windowOf(browser, baseURL!, admin);
  const { page } = abbot;
  const words = 'The <b>cloister</b> & its cellar move on Sunday';
  const ends = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  const form = page.getByRole('form', { name: 'A new banner' });
  const announcements = (window: Page) =>
    window.getByRole('region', { name: 'Announcements' }).getByRole('paragraph').filter({ hasText: words });
  const rowIn = (list: string) => page.getByRole('region', { name: list }).getByRole('listitem').filter({ hasText: words });
  const button = (name: string) => form.getByRole('button', { name });
  /** What the form keeps where something is refused. */
  const kept = async () => {
    await expect(form.getByLabel('Kind')).toHaveValue('caution');
    await expect(form.getByLabel('Text')).toHaveValue(words);
    await expect(form.getByLabel('Until')).toHaveValue(ends);
  };
  /** Within a second, all pages have it for somebody without an account, or none has. */
  const stands = async (is: boolean) => {
    const asHtml = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const has = (path: string) => async () => (await (await request.get(path)).text()).includes(asHtml);
    const paths = ['/', `/packages/${name}`, '/packages', '/docs', '/login', '/there/is/no/such/page'];
    await Promise.all(paths.map((path) => expect.poll(has(path), { message: path, timeout: 1000, intervals: [20] }).toBe(is)));
  };

  await test.step('What is wrong stands below its field, and what was typed is kept', async () => {
    await openPart(page, 'Banners');
    await lookAtBoth(page, 'banners-none');
    await form.getByLabel('Kind').selectOption('caution');
    await form.getByLabel('Text').fill(words);
    await form.getByLabel('Where to read more').fill('javascript:alert(1)');
    await form.getByLabel('Until').fill(ends);
    await button('Preview').click();
    await refused(form.getByLabel('Where to read more'), 'javascript:alert(1)', /^An address begins with https:\/\//);
    await kept();
    await expect(page.getByRole('group', { name: 'Preview' })).toHaveCount(0);
    await form.getByLabel('Where to read more').fill('/docs');
    await form.getByLabel('From').fill('2100-01-01T00:00');
    await button('Preview').click();
    await refused(form.getByLabel('Until'), ends, /^It ends after it begins/);
    await expect(form.getByLabel('From')).toHaveValue('2100-01-01T00:00');
    await kept();
    await lookAtBoth(page, 'banner-refused');
  });

  await test.step('A preview shows it, and publishes nothing', async () => {
    await form.getByLabel('From').fill('');
    await button('Preview').click();
    const preview = page.getByRole('group', { name: 'Preview' });
    await expect(preview).toContainText(words);
    await expect(preview.getByRole('link', { name: 'Read more' })).toHaveAttribute('href', '/docs');
    await kept();
    await lookAtBoth(page, 'banner-preview');
    await stranger.goto('/');
    await expect(announcements(stranger)).toHaveCount(0);
    await button('Publish').click();
    await refused(form.getByLabel('Reason'), '', tooShort);
    await kept();
    await stranger.reload();
    await expect(announcements(stranger)).toHaveCount(0);
  });

  await test.step('Published, it stands above every page within a second', async () => {
    await form.getByLabel('Reason').fill(why);
    await button('Publish').click();
    await expect(whatWasDone(page)).toBeVisible();
    await stands(true);
    await stranger.goto(`/packages/${name}`);
    await expect(announcements(stranger)).toBeVisible();
    const [banner, heading] = [announcements(stranger), stranger.getByRole('heading', { level: 1 })];
    expect((await banner.boundingBox())!.y).toBeLessThan((await heading.boundingBox())!.y);
    await lookAtBoth(stranger, 'package-with-banner');
    await stranger.goto('/');
    await lookAtBoth(stranger, 'home-with-banner');
    await banner.getByRole('link', { name: 'Read more' }).click();
    await expect(stranger).toHaveURL('/docs');
    await expect(rowIn('Now and later')).toContainText('now');
    await expect(form.getByLabel('Text'), 'a form for the next one').toHaveValue('');
    await lookAtBoth(page, 'banner-published');
    await isInTheLog(page, 'The banner stands above every page', 'banner.published', 'Something stands above every page for a while');
  });

  await test.step('Taken away, it is gone within a second', async () => {
    await openPart(page, 'Banners');
    const end = page.getByRole('form', { name: 'Take a banner away' });
    await end.getByRole('radio', { name: words }).check();
    await end.getByLabel('Reason').fill('Moved');
    await end.getByRole('button', { name: 'Take it away' }).click();
    await refused(end.getByLabel('Reason'), 'Moved', tooShort);
    await expect(announcements(page)).toBeVisible();
    await lookAtBoth(page, 'banner-to-withdraw-refused');
    await end.getByLabel('Reason').fill(why);
    await end.getByRole('button', { name: 'Take it away' }).click();
    await expect(whatWasDone(page)).toBeVisible();
    await stands(false);
    await expect(rowIn('Before')).toContainText('taken away');
    await lookAtBoth(page, 'banners-past');
    await isInTheLog(page, 'The banner is gone from every page', 'banner.withdrawn', 'A banner was withdrawn');
    await expect(announcements(page)).toHaveCount(0);
    await stranger.reload();
    await expect(announcements(stranger)).toHaveCount(0);
  });

  await close(abbot);
});

test('The log tells the staff everything, and others nothing', async ({ page: stranger, browser, baseURL }) => {
  test.setTimeout(120_000);
  const [monk, heir] = await Promise.all([moderator, claimant].map((handle) => windowOf(browser, baseURL!, handle)));
  const { page } = monk;
  const filter = page.getByRole('search', { name: 'Filter the log' });
  const asked = async (fields: { kind?: string; subject?: string; from?: string; until?: string }) => {
    await page.goto('/admin/log');
    if (fields.kind) await filter.getByLabel('Kind').selectOption(fields.kind);
    if (fields.subject) await filter.getByLabel('Package or handle').fill(fields.subject);
    if (fields.from) await filter.getByLabel('From').fill(fields.from);
    if (fields.until) await filter.getByLabel('Until').fill(fields.until);
    await filter.getByRole('button', { name: 'Filter' }).click();
    // What was asked for stays in the form.
    if (fields.kind) await expect(filter.getByLabel('Kind')).toHaveValue(fields.kind);
    if (fields.subject) await expect(filter.getByLabel('Package or handle')).toHaveValue(fields.subject);
    if (fields.from) await expect(filter.getByLabel('From')).toHaveValue(fields.from);
    if (fields.until) await expect(filter.getByLabel('Until')).toHaveValue(fields.until);
    return events(page);
  };

  await test.step('For others there is none', async () => {
    expect((await heir.page.goto('/admin/log'))?.status()).toBe(404);
    await stranger.goto('/admin/log');
    await expect(stranger).toHaveURL(/\/login\?next=/);
  });

  await test.step('A moderator reads it, page by page', async () => {
    await openPart(page, 'Log');
    await expect(events(page)).toHaveCount(50);
    await lookAtBoth(page, 'log');
    const numberOf = async (row: Locator) => Number(await row.getByRole('link', { name: /^Event \d+$/ }).innerText());
    const last = await numberOf(events(page).last());
    await page.getByRole('link', { name: 'Older' }).click();
    expect(await numberOf(events(page).first())).toBeLessThan(last);
  });

  await test.step('It is filtered by kind, by subject and by who it was', async () => {
    const merged = await asked({ kind: 'category.merged' });
    await expect(merged).not.toHaveCount(0);
    for (const row of await merged.all()) await expect(row).toContainText('A category was merged');
    const ofPackage = await asked({ subject: `package:localhost/${name}` });
    for (const kind of ['package.claimed', 'package.featured', 'package.unfeatured']) {
      await expect(ofPackage.filter({ hasText: kind })).toHaveCount(1);
    }
    await expect(ofPackage.filter({ hasText: 'category.merged' })).toHaveCount(0);
    await lookAtBoth(page, 'log-of-package');
    const ofAbbot = await asked({ subject: admin, kind: 'banner.withdrawn' });
    await expect(ofAbbot).toHaveCount(1);
    await expect(ofAbbot).toContainText(why);
    await expect(await asked({ subject: moderator, kind: 'banner.withdrawn' })).toHaveCount(0);
    await expect(page.getByText('None.', { exact: true })).toBeVisible();
    await lookAtBoth(page, 'log-none');
  });

  await test.step('It is filtered by day', async () => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    await expect(await asked({ subject: admin, kind: 'banner.withdrawn', from: day(-1), until: day(1) })).toHaveCount(1);
    await expect(await asked({ subject: admin, kind: 'banner.withdrawn', from: day(2) })).toHaveCount(0);
    await expect(await asked({ subject: admin, kind: 'banner.withdrawn', until: day(-2) })).toHaveCount(0);
  });

  await test.step('A package leads to its events, and an event to its package', async () => {
    await page.goto(`/admin/packages?q=${name}`);
    await page.getByRole('main').getByRole('link', { name, exact: true }).click();
    // What admins do, moderators are not offered.
    await expect(page.getByRole('form')).toHaveCount(1);
    await lookAtBoth(page, 'package-of-moderator');
    await page.getByRole('link', { name: 'Its events' }).click();
    await expect(filter.getByLabel('Package or handle')).toHaveValue(`localhost/${name}`);
    const row = events(page).filter({ hasText: 'package.claimed' });
    await row.locator('summary').click();
    await expect(row.getByText('"principal":')).toBeVisible();
    await row.getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('main').getByRole('link', { name, exact: true })).toBeVisible();
  });

  await close(monk, heir);
});

test('Names are kept free, and the rest of the administration tells how the registry is', async ({ page: stranger, browser, baseURL }) => {
  test.setTimeout(120_000);
  const [abbot, monk, heir] = await Promise.all([admin, moderator, claimant].map((handle) => windowOf(browser, baseURL!, handle)));
  const { page } = abbot;
  const parts = ['packages', 'log', 'names', 'categories', 'categories/search', 'tags', 'banners', 'flags', 'operations'];
  const adminsOnly = parts.filter((part) => !['packages', 'log'].includes(part));

  await test.step('Each part is for those whose it is', async () => {
    for (const part of parts) {
      expect((await page.goto(`/admin/${part}`))?.status(), `${part} for an admin`).toBe(200);
      expect((await heir.page.goto(`/admin/${part}`))?.status(), `${part} for everybody else`).toBe(404);
      expect((await monk.page.goto(`/admin/${part}`))?.status(), `${part} for a moderator`).toBe(adminsOnly.includes(part) ? 404 : 200);
      await stranger.goto(`/admin/${part}`);
      await expect(stranger, part).toHaveURL(/\/login\?next=/);
    }
    await monk.page.goto('/admin');
    const sections = monk.page.getByRole('navigation', { name: 'Administration' }).getByRole('link');
    await expect(sections).toHaveText(['Administration', 'Reports', 'Packages', 'Log']);
  });

  await test.step('At a glance: what waits, how this node is, and numbers', async () => {
    await page.goto('/admin');
    const health = page.getByRole('region', { name: 'Health of this node' }).getByRole('listitem');
    await expect(health).toContainText(['Database: PostgreSQL', 'Files:', 'Search: The index is complete', 'Mail:']);
    const number = async (what: string) => {
      const fact = page.getByRole('region', { name: 'Numbers' }).locator('dl > div').filter({ has: page.getByText(what, { exact: true }) });
      return Number((await fact.locator('dd').innerText()).replaceAll(/\D/g, ''));
    };
    for (const what of ['Packages', 'Releases', 'Files', 'Accounts', 'Newest event']) expect(await number(what), what).toBeGreaterThan(2);
    await lookAtBoth(page, 'dashboard');
    await lookAtBoth(monk.page, 'dashboard-of-moderator');
  });

  await test.step('Packages are found by what is special about them', async () => {
    await openPart(page, 'Packages');
    const search = page.getByRole('search', { name: 'Search packages' });
    const link = page.getByRole('main').getByRole('link', { name, exact: true });
    for (const [which, is] of [['imported', true], ['orphaned', false], ['held-back', false]] as const) {
      await search.getByLabel('Name').fill(name);
      await search.getByLabel('Which').selectOption(which);
      await search.getByRole('button', { name: 'Search' }).click();
      await expect(search.getByLabel('Name')).toHaveValue(name);
      await expect(link, which).toHaveCount(is ? 1 : 0);
    }
    await expect(page.getByText('None.', { exact: true })).toBeVisible();
    await lookAtBoth(page, 'packages-none');
    await page.goto('/admin/packages?q=odd_');
    await lookAtBoth(page, 'packages-odd');
  });

  await test.step('A name is reserved, and freed', async () => {
    const form = page.getByRole('form', { name: 'Reserve or free a name' });
    const row = page.getByRole('region', { name: 'Names that nobody takes' }).getByRole('listitem').filter({ hasText: 'cloister_cellar' });
    await openPart(page, 'Reserved names');
    await form.getByLabel('Name').fill('cloister cellar');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true');
    await expect(form.getByLabel('Name')).toHaveValue('cloister cellar');
    await expect(form.getByLabel('Reason')).toHaveValue(why);
    await lookAtBoth(page, 'name-refused');
    await form.getByLabel('Name').fill('cloister_cellar');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(row).toContainText(why);
    await lookAtBoth(page, 'name-reserved');
    await isInTheLog(page, 'Nobody takes that name any more', 'name.reserved', 'A name was reserved');
    await openPart(page, 'Reserved names');
    await form.getByLabel('Name').fill('cloister_cellar');
    await form.getByLabel('What').selectOption('free');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(row).toHaveCount(0);
    await isInTheLog(page, 'Anybody may take that name', 'name.freed', 'A name is no longer reserved');
    await openPart(page, 'Reserved names');
    await form.getByLabel('Name').fill('cloister_cellar');
    await form.getByLabel('What').selectOption('free');
    await form.getByLabel('Reason').fill(why);
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(whatWasWrong(page)).toContainText('It is so already');
    await lookAtBoth(page, 'name-free-already');
  });

  await test.step('No switch is set without a reason', async () => {
    await openPart(page, 'Switches');
    const switches = ['Read-only', 'No registration', 'No publishing'];
    for (const title of switches) await expect(page.getByRole('button', { name: `Set: ${title}` })).toBeVisible();
    await lookAtBoth(page, 'flags');
    // Others publish and register meanwhile: none is really set.
    const form = page.getByRole('form', { name: 'No registration' });
    await form.getByLabel('Reason').fill('Spam');
    await form.getByRole('button').click();
    await refused(form.getByLabel('Reason'), 'Spam', tooShort);
    await expect(page.getByRole('form', { name: 'Read-only' }).getByLabel('Reason')).toHaveValue('');
    await lookAtBoth(page, 'flag-refused');
    for (const title of switches) await expect(page.getByRole('button', { name: `Set: ${title}` })).toBeVisible();
  });

  await test.step('Jobs and mail show what went wrong, and what was written to whom', async () => {
    await openPart(page, 'Jobs and mail');
    await expect(page.getByRole('region', { name: 'Jobs that were given up' })).toContainText('None.');
    const mail = page.getByRole('region', { name: 'Newest messages' }).getByRole('listitem').filter({ hasText: `${claimant}@example.org` });
    await expect(mail.filter({ hasText: 'decided' }).first()).toBeVisible();
    await lookAtBoth(page, 'operations');
  });

  await close(abbot, monk, heir);
});
