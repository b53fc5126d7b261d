from google.protobuf import field_mask_pb2 as _field_mask_pb2
from syncline.v1 import change_pb2 as _change_pb2
from syncline.v1 import customer_pb2 as _customer_pb2
from syncline.v1 import import_pb2 as _import_pb2
from syncline.v1 import invoice_pb2 as _invoice_pb2
from syncline.v1 import product_pb2 as _product_pb2
from syncline.v1 import tax_code_pb2 as _tax_code_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateCustomerRequest(_message.Message):
    __slots__ = ("parent", "customer", "customer_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    customer: _customer_pb2.Customer
    customer_id: str
    def __init__(self, parent: _Optional[str] = ..., customer: _Optional[_Union[_customer_pb2.Customer, _Mapping]] = ..., customer_id: _Optional[str] = ...) -> None: ...

class CreateCustomerResponse(_message.Message):
    __slots__ = ("customer",)
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    customer: _customer_pb2.Customer
    def __init__(self, customer: _Optional[_Union[_customer_pb2.Customer, _Mapping]] = ...) -> None: ...

class GetCustomerRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetCustomerResponse(_message.Message):
    __slots__ = ("customer",)
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    customer: _customer_pb2.Customer
    def __init__(self, customer: _Optional[_Union[_customer_pb2.Customer, _Mapping]] = ...) -> None: ...

class ListCustomersRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "active_only", "query", "external_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    active_only: bool
    query: str
    external_id: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., active_only: _Optional[bool] = ..., query: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class ListCustomersResponse(_message.Message):
    __slots__ = ("customers", "next_page_token")
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    customers: _containers.RepeatedCompositeFieldContainer[_customer_pb2.Customer]
    next_page_token: str
    def __init__(self, customers: _Optional[_Iterable[_Union[_customer_pb2.Customer, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateCustomerRequest(_message.Message):
    __slots__ = ("customer", "update_mask")
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    customer: _customer_pb2.Customer
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, customer: _Optional[_Union[_customer_pb2.Customer, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateCustomerResponse(_message.Message):
    __slots__ = ("customer",)
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    customer: _customer_pb2.Customer
    def __init__(self, customer: _Optional[_Union[_customer_pb2.Customer, _Mapping]] = ...) -> None: ...

class CreateProductRequest(_message.Message):
    __slots__ = ("parent", "product", "product_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    product: _product_pb2.Product
    product_id: str
    def __init__(self, parent: _Optional[str] = ..., product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., product_id: _Optional[str] = ...) -> None: ...

class CreateProductResponse(_message.Message):
    __slots__ = ("product",)
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    product: _product_pb2.Product
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ...) -> None: ...

class GetProductRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetProductResponse(_message.Message):
    __slots__ = ("product",)
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    product: _product_pb2.Product
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ...) -> None: ...

class ListProductsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "active_only", "query", "external_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    active_only: bool
    query: str
    external_id: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., active_only: _Optional[bool] = ..., query: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class ListProductsResponse(_message.Message):
    __slots__ = ("products", "next_page_token")
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    products: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    next_page_token: str
    def __init__(self, products: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateProductRequest(_message.Message):
    __slots__ = ("product", "update_mask")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    product: _product_pb2.Product
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateProductResponse(_message.Message):
    __slots__ = ("product",)
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    product: _product_pb2.Product
    def __init__(self, product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ...) -> None: ...

class CreateTaxCodeRequest(_message.Message):
    __slots__ = ("parent", "tax_code", "tax_code_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    tax_code: _tax_code_pb2.TaxCode
    tax_code_id: str
    def __init__(self, parent: _Optional[str] = ..., tax_code: _Optional[_Union[_tax_code_pb2.TaxCode, _Mapping]] = ..., tax_code_id: _Optional[str] = ...) -> None: ...

class CreateTaxCodeResponse(_message.Message):
    __slots__ = ("tax_code",)
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    tax_code: _tax_code_pb2.TaxCode
    def __init__(self, tax_code: _Optional[_Union[_tax_code_pb2.TaxCode, _Mapping]] = ...) -> None: ...

class GetTaxCodeRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetTaxCodeResponse(_message.Message):
    __slots__ = ("tax_code",)
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    tax_code: _tax_code_pb2.TaxCode
    def __init__(self, tax_code: _Optional[_Union[_tax_code_pb2.TaxCode, _Mapping]] = ...) -> None: ...

class ListTaxCodesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "active_only", "query", "external_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    active_only: bool
    query: str
    external_id: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., active_only: _Optional[bool] = ..., query: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class ListTaxCodesResponse(_message.Message):
    __slots__ = ("tax_codes", "next_page_token")
    TAX_CODES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tax_codes: _containers.RepeatedCompositeFieldContainer[_tax_code_pb2.TaxCode]
    next_page_token: str
    def __init__(self, tax_codes: _Optional[_Iterable[_Union[_tax_code_pb2.TaxCode, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateTaxCodeRequest(_message.Message):
    __slots__ = ("tax_code", "update_mask")
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    tax_code: _tax_code_pb2.TaxCode
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, tax_code: _Optional[_Union[_tax_code_pb2.TaxCode, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateTaxCodeResponse(_message.Message):
    __slots__ = ("tax_code",)
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    tax_code: _tax_code_pb2.TaxCode
    def __init__(self, tax_code: _Optional[_Union[_tax_code_pb2.TaxCode, _Mapping]] = ...) -> None: ...

class CreateInvoiceRequest(_message.Message):
    __slots__ = ("parent", "invoice", "invoice_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    invoice: _invoice_pb2.Invoice
    invoice_id: str
    def __init__(self, parent: _Optional[str] = ..., invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ..., invoice_id: _Optional[str] = ...) -> None: ...

class CreateInvoiceResponse(_message.Message):
    __slots__ = ("invoice",)
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ...) -> None: ...

class GetInvoiceRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetInvoiceResponse(_message.Message):
    __slots__ = ("invoice",)
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ...) -> None: ...

class ListInvoicesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "states", "customer", "query", "external_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[_invoice_pb2.Invoice.State]
    customer: str
    query: str
    external_id: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[_invoice_pb2.Invoice.State, str]]] = ..., customer: _Optional[str] = ..., query: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class ListInvoicesResponse(_message.Message):
    __slots__ = ("invoices", "next_page_token")
    INVOICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    invoices: _containers.RepeatedCompositeFieldContainer[_invoice_pb2.Invoice]
    next_page_token: str
    def __init__(self, invoices: _Optional[_Iterable[_Union[_invoice_pb2.Invoice, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateInvoiceRequest(_message.Message):
    __slots__ = ("invoice", "update_mask")
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateInvoiceResponse(_message.Message):
    __slots__ = ("invoice",)
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ...) -> None: ...

class ConfirmInvoiceRequest(_message.Message):
    __slots__ = ("name", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class ConfirmInvoiceResponse(_message.Message):
    __slots__ = ("invoice",)
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ...) -> None: ...

class VoidInvoiceRequest(_message.Message):
    __slots__ = ("name", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class VoidInvoiceResponse(_message.Message):
    __slots__ = ("invoice",)
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ...) -> None: ...

class PreflightInvoicesRequest(_message.Message):
    __slots__ = ("connection", "invoices")
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    INVOICES_FIELD_NUMBER: _ClassVar[int]
    connection: str
    invoices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, connection: _Optional[str] = ..., invoices: _Optional[_Iterable[str]] = ...) -> None: ...

class PreflightInvoicesResponse(_message.Message):
    __slots__ = ("eligible_count", "blocked_count", "linked_count", "results")
    ELIGIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    eligible_count: int
    blocked_count: int
    linked_count: int
    results: _containers.RepeatedCompositeFieldContainer[PreflightResult]
    def __init__(self, eligible_count: _Optional[int] = ..., blocked_count: _Optional[int] = ..., linked_count: _Optional[int] = ..., results: _Optional[_Iterable[_Union[PreflightResult, _Mapping]]] = ...) -> None: ...

class PreflightResult(_message.Message):
    __slots__ = ("invoice", "number", "outcome", "reasons")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[PreflightResult.Outcome]
        OUTCOME_ELIGIBLE: _ClassVar[PreflightResult.Outcome]
        OUTCOME_BLOCKED: _ClassVar[PreflightResult.Outcome]
        OUTCOME_ALREADY_LINKED: _ClassVar[PreflightResult.Outcome]
    OUTCOME_UNSPECIFIED: PreflightResult.Outcome
    OUTCOME_ELIGIBLE: PreflightResult.Outcome
    OUTCOME_BLOCKED: PreflightResult.Outcome
    OUTCOME_ALREADY_LINKED: PreflightResult.Outcome
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    invoice: str
    number: str
    outcome: PreflightResult.Outcome
    reasons: _containers.RepeatedCompositeFieldContainer[PreflightReason]
    def __init__(self, invoice: _Optional[str] = ..., number: _Optional[str] = ..., outcome: _Optional[_Union[PreflightResult.Outcome, str]] = ..., reasons: _Optional[_Iterable[_Union[PreflightReason, _Mapping]]] = ...) -> None: ...

class PreflightReason(_message.Message):
    __slots__ = ("code", "message", "action")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    action: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., action: _Optional[str] = ...) -> None: ...

class ListInvoiceLinksRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "push_states", "variance_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PUSH_STATES_FIELD_NUMBER: _ClassVar[int]
    VARIANCE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    push_states: _containers.RepeatedScalarFieldContainer[_invoice_pb2.InvoiceLink.PushState]
    variance_only: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., push_states: _Optional[_Iterable[_Union[_invoice_pb2.InvoiceLink.PushState, str]]] = ..., variance_only: _Optional[bool] = ...) -> None: ...

class ListInvoiceLinksResponse(_message.Message):
    __slots__ = ("invoice_links", "next_page_token")
    INVOICE_LINKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    invoice_links: _containers.RepeatedCompositeFieldContainer[_invoice_pb2.InvoiceLink]
    next_page_token: str
    def __init__(self, invoice_links: _Optional[_Iterable[_Union[_invoice_pb2.InvoiceLink, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchChangesRequest(_message.Message):
    __slots__ = ("parent", "resume_token", "from_beginning", "kinds")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FROM_BEGINNING_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    resume_token: str
    from_beginning: bool
    kinds: _containers.RepeatedScalarFieldContainer[_change_pb2.Change.Kind]
    def __init__(self, parent: _Optional[str] = ..., resume_token: _Optional[str] = ..., from_beginning: _Optional[bool] = ..., kinds: _Optional[_Iterable[_Union[_change_pb2.Change.Kind, str]]] = ...) -> None: ...

class WatchChangesResponse(_message.Message):
    __slots__ = ("changes", "resume_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[_change_pb2.Change]
    resume_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[_change_pb2.Change, _Mapping]]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class ImportCustomersRequest(_message.Message):
    __slots__ = ("parent", "customers", "adopt_by_code", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    CUSTOMERS_FIELD_NUMBER: _ClassVar[int]
    ADOPT_BY_CODE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    customers: _containers.RepeatedCompositeFieldContainer[_customer_pb2.Customer]
    adopt_by_code: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., customers: _Optional[_Iterable[_Union[_customer_pb2.Customer, _Mapping]]] = ..., adopt_by_code: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class ImportCustomersResponse(_message.Message):
    __slots__ = ("results", "counts")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_import_pb2.ImportResult]
    counts: _import_pb2.ImportCounts
    def __init__(self, results: _Optional[_Iterable[_Union[_import_pb2.ImportResult, _Mapping]]] = ..., counts: _Optional[_Union[_import_pb2.ImportCounts, _Mapping]] = ...) -> None: ...

class ImportProductsRequest(_message.Message):
    __slots__ = ("parent", "products", "adopt_by_sku", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PRODUCTS_FIELD_NUMBER: _ClassVar[int]
    ADOPT_BY_SKU_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    products: _containers.RepeatedCompositeFieldContainer[_product_pb2.Product]
    adopt_by_sku: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., products: _Optional[_Iterable[_Union[_product_pb2.Product, _Mapping]]] = ..., adopt_by_sku: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class ImportProductsResponse(_message.Message):
    __slots__ = ("results", "counts")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_import_pb2.ImportResult]
    counts: _import_pb2.ImportCounts
    def __init__(self, results: _Optional[_Iterable[_Union[_import_pb2.ImportResult, _Mapping]]] = ..., counts: _Optional[_Union[_import_pb2.ImportCounts, _Mapping]] = ...) -> None: ...

class ImportTaxCodesRequest(_message.Message):
    __slots__ = ("parent", "tax_codes", "adopt_by_code", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    TAX_CODES_FIELD_NUMBER: _ClassVar[int]
    ADOPT_BY_CODE_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    tax_codes: _containers.RepeatedCompositeFieldContainer[_tax_code_pb2.TaxCode]
    adopt_by_code: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., tax_codes: _Optional[_Iterable[_Union[_tax_code_pb2.TaxCode, _Mapping]]] = ..., adopt_by_code: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class ImportTaxCodesResponse(_message.Message):
    __slots__ = ("results", "counts")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_import_pb2.ImportResult]
    counts: _import_pb2.ImportCounts
    def __init__(self, results: _Optional[_Iterable[_Union[_import_pb2.ImportResult, _Mapping]]] = ..., counts: _Optional[_Union[_import_pb2.ImportCounts, _Mapping]] = ...) -> None: ...

class ImportInvoicesRequest(_message.Message):
    __slots__ = ("parent", "invoices", "adopt_by_number", "validate_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    INVOICES_FIELD_NUMBER: _ClassVar[int]
    ADOPT_BY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    invoices: _containers.RepeatedCompositeFieldContainer[_import_pb2.InvoiceToImport]
    adopt_by_number: bool
    validate_only: bool
    def __init__(self, parent: _Optional[str] = ..., invoices: _Optional[_Iterable[_Union[_import_pb2.InvoiceToImport, _Mapping]]] = ..., adopt_by_number: _Optional[bool] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class ImportInvoicesResponse(_message.Message):
    __slots__ = ("results", "counts")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_import_pb2.ImportResult]
    counts: _import_pb2.ImportCounts
    def __init__(self, results: _Optional[_Iterable[_Union[_import_pb2.ImportResult, _Mapping]]] = ..., counts: _Optional[_Union[_import_pb2.ImportCounts, _Mapping]] = ...) -> None: ...
