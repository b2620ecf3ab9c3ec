namespace Basalt.Catalog.Indexing;

/// <summary>The catalogue itself cannot be written: no fault of the file that is being read, and the end of the run.</summary>
internal sealed class CatalogFault(BasaltException fault) : Exception(fault.Message, fault)
{
    public BasaltException Fault { get; } = fault;
}
