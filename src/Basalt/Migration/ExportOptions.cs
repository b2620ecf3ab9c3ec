using Basalt.Records;

namespace Basalt.Migration;

/// <summary>How a collection is exported.</summary>
public sealed record ExportOptions
{
    /// <summary>The format; null to go by the name of the file.</summary>
    public RecordFormat? Format { get; init; }

    /// <summary>Whether to compress by gzip; null to go by the name of the file (<c>.gz</c>).</summary>
    public bool? IsGzip { get; init; }

    /// <summary>
    /// The form of JSON: plain for other programs, or exact, which keeps every type, the metadata and the timestamps. CSV and TSV only have the
    /// plain form.
    /// </summary>
    public JsonForm Form { get; init; } = JsonForm.Plain;

    /// <summary>Whether a file that exists is replaced; else it is an error.</summary>
    public bool Overwrite { get; init; }

    internal void Validate()
    {
        if (Format is { } format && !Enum.IsDefined(format)) throw new BasaltException(ErrorCode.InvalidOptions, $"There is no format {format}.");
        if (!Enum.IsDefined(Form)) throw new BasaltException(ErrorCode.InvalidOptions, $"There is no JSON form {Form}.");
    }
}
