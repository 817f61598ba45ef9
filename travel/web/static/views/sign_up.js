// Opening an account.

import { refusedAccount, signUpErrors, signUpFrom } from "../account.js";
import { h } from "../dom.js";
import { form, textField } from "../form.js";
import { safeNext } from "../router.js";

export async function signUpView({ session, go }, { query }) {
  async function signUp(values) {
    const account = signUpFrom(values);
    const errors = signUpErrors(account);
    if (Object.keys(errors).length) return errors;
    try {
      await session.signUp(account);
    } catch (error) {
      return refusedAccount(error);
    }
    return go(safeNext(query.get("next")));
  }

  return {
    heading: "Sign up",
    content: [
      form({ button: "Create account", onSubmit: signUp, class: "card narrow" },
        textField("Full name", "name", { autocomplete: "name", required: true }),
        textField("Email", "email", { type: "email", autocomplete: "email", required: true }),
        textField("Password", "password", {
          type: "password", autocomplete: "new-password", required: true, hint: "At least 8 characters.",
        }),
      ),
      h("p", {}, "You have an account already? ", h("a", { href: withNext("/sign-in", query) }, "Sign in instead")),
    ],
  };
}

const withNext = (path, query) => (query.has("next") ? `${path}?${query}` : path);
