namespace Basalt.Cli.Output;

/// <summary>How records are printed.</summary>
internal enum RowFormat
{
    /// <summary>Aligned columns for people.</summary>
    Table,

    /// <summary>One JSON array of objects.</summary>
    Json,

    /// <summary>One JSON object per line.</summary>
    Jsonl,

    /// <summary>RFC 4180.</summary>
    Csv,
}
