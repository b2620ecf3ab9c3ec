namespace Basalt.Catalog.Metadata;

/// <summary>What a column holds, as its dataset declares it.</summary>
public enum ColumnKind
{
    /// <summary>It does not say, or says something unknown.</summary>
    Unknown,

    /// <summary>Text: <c>str</c>, <c>string</c>, <c>text</c>, <c>category</c>, <c>categorical</c>, <c>cat</c>.</summary>
    Text,

    /// <summary>Numbers: <c>num</c>, <c>numeric</c>, <c>number</c>, <c>int</c>, <c>integer</c>, <c>float</c>, <c>double</c>.</summary>
    Number,

    /// <summary>Truth: <c>bool</c>, <c>boolean</c>.</summary>
    Bool,

    /// <summary>Instants: <c>date</c>, <c>datetime</c>, <c>time</c>, <c>timestamp</c>.</summary>
    Time,
}

/// <summary>A column that a dataset declares.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Subtype">A closer word, such as <c>float</c>; null when there is none.</param>
public sealed record ColumnDeclaration(string Name, ColumnKind Kind = ColumnKind.Unknown, string? Subtype = null);

/// <summary>What the metadata file of a dataset says.</summary>
public sealed record DatasetMetadata
{
    /// <summary>The name that the file gives, or null.</summary>
    public string? Name { get; init; }

    /// <summary>The columns that together say which series a row belongs to.</summary>
    public IReadOnlyList<ColumnDeclaration> Key { get; init; } = [];

    /// <summary>What is to be forecast.</summary>
    public IReadOnlyList<ColumnDeclaration> Targets { get; init; } = [];

    /// <summary>Covariates that are known up to the present.</summary>
    public IReadOnlyList<ColumnDeclaration> Historical { get; init; } = [];

    /// <summary>Covariates that are known ahead.</summary>
    public IReadOnlyList<ColumnDeclaration> Future { get; init; } = [];

    /// <summary>Covariates that a series has once.</summary>
    public IReadOnlyList<ColumnDeclaration> Static { get; init; } = [];

    /// <summary>Features that were derived, which need not be in the files.</summary>
    public IReadOnlyList<ColumnDeclaration> Derived { get; init; } = [];

    /// <summary>Such as <c>public</c>, or null.</summary>
    public string? Type { get; init; }

    /// <summary>What it is about, or null.</summary>
    public string? Description { get; init; }

    /// <summary>Where it comes from, such as <c>monash</c>, or null.</summary>
    public string? Source { get; init; }

    /// <summary>Where it is said to lie, or null.</summary>
    public string? StorageLocation { get; init; }

    /// <summary>The names at the top of the file that say nothing known.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];
}
