// What an officer does in the console to have units, posts and people; and how the people arrive.

import { PASSWORD } from './newcomer.mjs';

export async function send(page, scope) {
  await page.locator(scope).locator('button[type=submit]:visible').last().click();
}

// A post of a role in a unit (the whole organisation where none is named), held from now on.
export async function appointed(page, server, role, title, person, unit) {
  await page.goto(`${server.url}/organisation?role=${role}`);
  const created = page.locator('form[action="/organisation/posts"]');
  await created.locator('[name=title_ja]').fill(title);
  if (unit) {
    const option = created.locator('[name=unit] option', { hasText: unit });
    await created.locator('[name=unit]').selectOption(await option.first().getAttribute('value'));
  }
  await send(page, 'form[action="/organisation/posts"]');
  await page.waitForURL(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/appointments"]');
  const option = form.locator('[name=post] option', { hasText: title });
  // One title may stand within another; the shortest that fits is the one meant.
  const words = await option.allInnerTexts();
  const shortest = words.indexOf(words.reduce((a, b) => (b.length < a.length ? b : a)));
  await form.locator('[name=post]').selectOption(await option.nth(shortest).getAttribute('value'));
  await form.locator('[name=person]').selectOption({ label: person });
  await send(page, 'form[action="/organisation/appointments"]');
  await page.waitForURL(`${server.url}/organisation`);
}

// Registers a person; what comes back is the link to choose a password.
export async function registered(page, server, name, login, mail) {
  await page.goto(`${server.url}/organisation`);
  const form = page.locator('form[action="/organisation/people"]');
  await form.locator('[name=name_ja]').fill(name);
  if (mail) await form.locator('[name=mail]').fill(mail);
  await form.locator('[name=login]').fill(login);
  await send(page, 'form[action="/organisation/people"]');
  return server.url + await page.locator('code.secret').innerText();
}

export async function arrives(stage, url, how = {}) {
  const page = await stage.visitor({ scripts: false, ...how });
  await page.goto(url);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('[name=password_again]').fill(PASSWORD);
  await page.locator('main button[type=submit]').click();
  await page.locator('form[action="/sign-out"]').waitFor();
  return page;
}
