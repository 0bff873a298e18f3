import { startCatalog } from "./start-catalog.browser.js";

export * from "./catalog-api.js";

startCatalog();
