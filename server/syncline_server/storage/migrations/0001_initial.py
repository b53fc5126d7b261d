"""The first schema. Portable SQL: the same statements on SQLite and PostgreSQL.

Instants are microseconds since 1970 in UTC, decimals and dates are text, JSON is text. Everything
belongs to a workspace, and what was read from a provider to an organisation as well, so that it
stays when the connection goes.
"""

from typing import Any

_STATEMENTS = """
CREATE TABLE access_tokens (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    role TEXT NOT NULL,
    workspaces TEXT NOT NULL,
    create_time BIGINT NOT NULL,
    expire_time BIGINT,
    revoke_time BIGINT
);

CREATE TABLE connections (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT NOT NULL DEFAULT '',
    generation BIGINT NOT NULL DEFAULT 0,
    organisation_id TEXT,
    organisation_name TEXT NOT NULL DEFAULT '',
    provider_connection_id TEXT NOT NULL DEFAULT '',
    grant_id TEXT,
    candidates TEXT NOT NULL DEFAULT '[]',
    candidates_grant_id TEXT,
    candidates_expire_time BIGINT,
    connect_time BIGINT,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, provider)
);
CREATE UNIQUE INDEX connections_organisation ON connections (provider, organisation_id)
    WHERE organisation_id IS NOT NULL;
CREATE INDEX connections_grant ON connections (grant_id);

CREATE TABLE consents (
    state_hash TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    caller TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    verifier TEXT NOT NULL,
    create_time BIGINT NOT NULL,
    expire_time BIGINT NOT NULL,
    use_time BIGINT
);

CREATE TABLE grants (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    tokens TEXT NOT NULL,
    access_expire_time BIGINT NOT NULL,
    refresh_time BIGINT NOT NULL,
    dead_reason TEXT NOT NULL DEFAULT '',
    lease_holder TEXT NOT NULL DEFAULT '',
    lease_until BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    UNIQUE (provider, subject)
);

CREATE TABLE settings (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    toggles TEXT NOT NULL,
    options TEXT NOT NULL,
    intervals TEXT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (workspace, provider)
);

CREATE TABLE module_states (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    module TEXT NOT NULL,
    complete_time BIGINT,
    watermark BIGINT,
    full_read_asked_time BIGINT,
    PRIMARY KEY (workspace, provider, organisation_id, module)
);

CREATE TABLE cooldowns (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    module TEXT NOT NULL,
    end_time BIGINT NOT NULL,
    PRIMARY KEY (workspace, provider, module)
);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    module TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    trigger_kind TEXT NOT NULL,
    state TEXT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    fetched BIGINT NOT NULL DEFAULT 0,
    created BIGINT NOT NULL DEFAULT 0,
    updated BIGINT NOT NULL DEFAULT 0,
    unchanged BIGINT NOT NULL DEFAULT 0,
    skipped BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    issue_count BIGINT NOT NULL DEFAULT 0,
    position TEXT,
    read_since BIGINT,
    watermark BIGINT,
    options TEXT NOT NULL DEFAULT '{}',
    error TEXT,
    request_id TEXT,
    requested_by TEXT NOT NULL DEFAULT '',
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    wait_reason TEXT NOT NULL DEFAULT '',
    create_time BIGINT NOT NULL,
    start_time BIGINT,
    end_time BIGINT,
    wake_time BIGINT
);
CREATE UNIQUE INDEX runs_request ON runs (workspace, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX runs_workspace ON runs (workspace, id);
CREATE INDEX runs_scope ON runs (workspace, provider, module, id);
-- The last one of the table: of indexes that fit as well as each other, SQLite takes the newest.
CREATE UNIQUE INDEX runs_active ON runs (workspace, provider, module)
    WHERE state IN ('QUEUED', 'RUNNING', 'WAITING');

CREATE TABLE run_issues (
    run_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    record_name TEXT NOT NULL,
    local_id TEXT NOT NULL DEFAULT '',
    create_time BIGINT NOT NULL,
    PRIMARY KEY (run_id, number)
);

CREATE TABLE tax_codes (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    rate TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, id)
);
CREATE UNIQUE INDEX tax_codes_code ON tax_codes (workspace, code_key);

CREATE TABLE customers (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '',
    code_key TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL DEFAULT '',
    email_key TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    active BOOLEAN NOT NULL DEFAULT TRUE,
    contact_person TEXT NOT NULL DEFAULT '',
    web_access BOOLEAN NOT NULL DEFAULT FALSE,
    notes TEXT NOT NULL DEFAULT '',
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, id)
);
CREATE INDEX customers_code ON customers (workspace, code_key) WHERE code_key <> '';
CREATE INDEX customers_email ON customers (workspace, email_key) WHERE email_key <> '';
CREATE INDEX customers_name ON customers (workspace, name_key);

CREATE TABLE products (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    sku TEXT NOT NULL,
    sku_key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    tax_code_id TEXT,
    stock_quantity TEXT,
    default_price TEXT,
    category TEXT NOT NULL DEFAULT '',
    active BOOLEAN NOT NULL DEFAULT TRUE,
    out_of_stock BOOLEAN NOT NULL DEFAULT FALSE,
    zero_price_allowed BOOLEAN NOT NULL DEFAULT FALSE,
    unit_of_measure TEXT NOT NULL DEFAULT '',
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, id)
);
CREATE INDEX products_sku ON products (workspace, sku_key);

CREATE TABLE tax_rates (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    tax_type TEXT NOT NULL,
    name TEXT NOT NULL,
    rate TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    applies_to_sales BOOLEAN NOT NULL,
    content_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    review_reason TEXT NOT NULL DEFAULT '',
    tax_code_id TEXT,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, provider, organisation_id, tax_type)
);

CREATE TABLE contacts (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    code TEXT NOT NULL DEFAULT '',
    email TEXT NOT NULL DEFAULT '',
    active BOOLEAN NOT NULL,
    merged_into TEXT NOT NULL DEFAULT '',
    content_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    review_reason TEXT NOT NULL DEFAULT '',
    customer_id TEXT,
    candidates TEXT NOT NULL DEFAULT '[]',
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, provider, organisation_id, contact_id)
);
CREATE UNIQUE INDEX contacts_customer ON contacts
    (workspace, customer_id, provider, organisation_id)
    WHERE customer_id IS NOT NULL;

CREATE TABLE items (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    tax_type TEXT NOT NULL DEFAULT '',
    present BOOLEAN NOT NULL DEFAULT TRUE,
    content_hash TEXT NOT NULL,
    state TEXT NOT NULL,
    review_reason TEXT NOT NULL DEFAULT '',
    product_id TEXT,
    candidates TEXT NOT NULL DEFAULT '[]',
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, provider, organisation_id, item_id)
);
CREATE UNIQUE INDEX items_product ON items (workspace, product_id, provider, organisation_id)
    WHERE product_id IS NOT NULL;

CREATE TABLE invoices (
    workspace TEXT NOT NULL,
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    number_key TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    state TEXT NOT NULL,
    currency TEXT NOT NULL,
    invoice_date TEXT NOT NULL,
    due_date TEXT,
    line_amounts TEXT NOT NULL,
    reference TEXT NOT NULL DEFAULT '',
    lines TEXT NOT NULL,
    freight TEXT NOT NULL,
    subtotal TEXT NOT NULL,
    total_tax TEXT NOT NULL,
    total TEXT NOT NULL,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, id)
);
CREATE UNIQUE INDEX invoices_number ON invoices (workspace, number_key);
CREATE INDEX invoices_customer ON invoices (workspace, customer_id, id);
CREATE INDEX invoices_state ON invoices (workspace, state, id);

CREATE TABLE invoice_links (
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    invoice_id TEXT NOT NULL,
    push_state TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    refusal_code TEXT NOT NULL DEFAULT '',
    refusal_message TEXT NOT NULL DEFAULT '',
    provider_invoice_id TEXT,
    provider_number TEXT NOT NULL DEFAULT '',
    provider_status TEXT NOT NULL DEFAULT '',
    remote TEXT NOT NULL DEFAULT '',
    variance TEXT NOT NULL DEFAULT '',
    link_time BIGINT,
    refresh_time BIGINT,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace, provider, organisation_id, invoice_id)
);
CREATE UNIQUE INDEX invoice_links_provider ON invoice_links
    (workspace, provider, organisation_id, provider_invoice_id)
    WHERE provider_invoice_id IS NOT NULL;
CREATE INDEX invoice_links_invoice ON invoice_links (workspace, invoice_id);
CREATE UNIQUE INDEX invoice_links_attempt ON invoice_links (attempt_id);
CREATE INDEX invoice_links_unresolved ON invoice_links
    (workspace, provider, organisation_id, invoice_id)
    WHERE push_state IN ('SENT', 'UNCERTAIN');
CREATE INDEX invoice_links_unsent ON invoice_links
    (workspace, provider, organisation_id, run_id, invoice_id)
    WHERE push_state = 'PENDING';

CREATE TABLE creations (
    id TEXT PRIMARY KEY,
    workspace TEXT NOT NULL,
    provider TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    module TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    code_key TEXT NOT NULL DEFAULT '',
    name_key TEXT NOT NULL DEFAULT '',
    request TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    sendings BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL,
    proof_time BIGINT,
    create_time BIGINT NOT NULL,
    update_time BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX creations_record ON creations
    (workspace, provider, organisation_id, kind, record_id) WHERE state <> 'DONE';
CREATE UNIQUE INDEX creations_code ON creations
    (workspace, provider, organisation_id, kind, code_key)
    WHERE state <> 'DONE' AND code_key <> '';
CREATE UNIQUE INDEX creations_name ON creations
    (workspace, provider, organisation_id, kind, name_key)
    WHERE state <> 'DONE' AND name_key <> '';
CREATE INDEX creations_request ON creations
    (workspace, provider, organisation_id, kind, request);
CREATE INDEX creations_lease ON creations (lease_until) WHERE state <> 'DONE';
CREATE INDEX creations_done ON creations (update_time) WHERE state = 'DONE';
"""


def up(_migrator: Any, database: Any) -> None:
    """Create every table and index."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            database.execute_sql(statement)
