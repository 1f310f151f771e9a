// Does what a person does to sign in, and to prove who they are, on each kind of server (tests/support/identity). They
// do it by password on the page itself, or on the server's pages, in windows of their own.

/** Types the name on an identity provider's page, and signs in there. */
export async function signInThere(opened, user) {
  const name = opened.getByLabel("Name", { exact: true });
  await name.fill(user);
  await opened.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Opens the server's page from the step "sign-in"; the person is then on it. */
export const knock = (visit) =>
  visit.opens(() => visit.page.getByRole("button", { name: /^Continue (at|with) / }).first().click());

/** Opens the page on which the server's proof is given. */
export const openProof = (visit) =>
  visit.opens(() => visit.page.getByRole("link", { name: /^Open / }).click());

/** Tells the page that it is done, unless the page has gone on by itself: it asks the server every two seconds. */
async function sayDone(visit, words) {
  const button = visit.button(words);
  await button.or(visit.page.locator('main:not([data-step="writing"])')).first().waitFor();
  // The page may have gone on by now.
  await button.click({ timeout: 2_000 }).catch(() => {});
}

async function throughWindow(visit, { user }) {
  const opened = await knock(visit);
  await signInThere(opened, user);
}

/** By kind: `signIn(visit, made)` from the step "sign-in" on, `prove(visit, made)` where the page says what is asked. */
export const doors = {
  password: {
    signIn: (visit, { password }) => visit.enterPassword(password),
    async prove(visit, { password }) {
      await visit.fill("Account password", password);
      await visit.click("Go on");
    },
  },
  SSO: {
    signIn: throughWindow,
    async prove(visit) {
      const opened = await openProof(visit);
      // The provider remembers who signed in a minute ago.
      await opened.getByRole("link", { name: /^Continue with / }).click();
      await opened.getByText("you can close this window").waitFor();
      await opened.close();
      await sayDone(visit, "I have done it");
    },
  },
  OAuth: {
    signIn: throughWindow,
    async prove(visit) {
      const opened = await openProof(visit);
      await opened.getByRole("button", { name: "Approve", exact: true }).click();
      await opened.getByRole("heading", { name: "Approved" }).waitFor();
      await opened.close();
      await sayDone(visit, "I have approved it");
    },
  },
};
