namespace Basalt.Catalog.Storage;

/// <summary>How far a dataset is.</summary>
public enum DatasetState
{
    /// <summary>Found; its files are being read, or will be by the next run.</summary>
    Pending,

    /// <summary>Everything was read, and the numbers are those of all of it.</summary>
    Complete,

    /// <summary>Some files could not be read; the numbers are those of the others, and say which share that is.</summary>
    Partial,

    /// <summary>No file could be read, or the metadata file cannot.</summary>
    Failed,

    /// <summary>It has a metadata file and no files of rows.</summary>
    Empty,
}

/// <summary>Why a file could not be read, as one acts on it.</summary>
public enum FailureClass
{
    /// <summary>It may work later: the next run tries again.</summary>
    Transient,

    /// <summary>The file itself: read again when it is another one, or when asked for.</summary>
    Data,

    /// <summary>Its format is not read by this version: looked at again when asked for.</summary>
    Unsupported,
}
