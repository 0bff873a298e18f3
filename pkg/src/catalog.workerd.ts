import { startCatalog } from "./start-catalog.workerd.js";

export * from "./catalog-api.js";

startCatalog();
