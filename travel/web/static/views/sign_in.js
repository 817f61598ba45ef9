// Signing in, and back to where the traveller wanted to be.

import { refusedAccount, signInErrors, signInFrom } from "../account.js";
import { h } from "../dom.js";
import { form, textField } from "../form.js";
import { safeNext } from "../router.js";

export async function signInView({ session, go }, { query }) {
  async function signIn(values) {
    const credentials = signInFrom(values);
    const errors = signInErrors(credentials);
    if (Object.keys(errors).length) return errors;
    try {
      await session.signIn(credentials);
    } catch (error) {
      return refusedAccount(error);
    }
    return go(safeNext(query.get("next")));
  }

  return {
    heading: "Sign in",
    content: [
      form({ button: "Sign in", onSubmit: signIn, class: "card narrow" },
        textField("Email", "email", { type: "email", autocomplete: "username", required: true }),
        textField("Password", "password", { type: "password", autocomplete: "current-password", required: true }),
      ),
      h("p", {}, "New here? ", h("a", { href: withNext("/sign-up", query) }, "Create an account")),
    ],
  };
}

const withNext = (path, query) => (query.has("next") ? `${path}?${query}` : path);
