namespace Basalt.Catalog.Validation;

/// <summary>What is amiss with a dataset.</summary>
public enum FindingKind
{
    /// <summary>Its metadata file cannot be used.</summary>
    Metadata,

    /// <summary>Its metadata file has names that say nothing known.</summary>
    UnknownMetadata,

    /// <summary>It is described, and has no files.</summary>
    NoFiles,

    /// <summary>A file could not be read.</summary>
    Unreadable,

    /// <summary>A file has no rows.</summary>
    EmptyFile,

    /// <summary>A column that the metadata file declares is not in the files.</summary>
    MissingColumn,

    /// <summary>A column is declared to be of another kind than it is.</summary>
    OtherKind,

    /// <summary>A file has other columns than most.</summary>
    SchemaDrift,

    /// <summary>Rows have NaN or infinities.</summary>
    NotFinite,

    /// <summary>Rows have no time that can be read.</summary>
    Untimed,

    /// <summary>The times of series do not ascend.</summary>
    Unordered,

    /// <summary>Series have a time twice.</summary>
    Repeated,
}

/// <summary>Something amiss.</summary>
/// <param name="Kind">What.</param>
/// <param name="Dataset">With which dataset.</param>
/// <param name="File">With which of its files; null when it concerns all of it.</param>
/// <param name="Message">In words.</param>
public sealed record Finding(FindingKind Kind, string Dataset, string? File, string Message);
