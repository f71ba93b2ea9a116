/** The page's language: `msg` gives a text in it. The server chose it, and the document names it. */
import { configureLocalization } from "@lit/localize";
import { sourceLocale, targetLocales } from "./generated/locale-codes";

export { msg, str } from "@lit/localize";

const wanted = globalThis.document?.documentElement.lang ?? sourceLocale;
export const language: string = [sourceLocale, ...targetLocales].includes(wanted) ? wanted : sourceLocale;

// Whoever imports this waits until the texts are here, so that none of them changes under a person's eyes.
const { setLocale } = configureLocalization({ sourceLocale, targetLocales, loadLocale: (name) => import(`./generated/locales/${name}.ts`) });
await setLocale(language).catch(() => undefined);
