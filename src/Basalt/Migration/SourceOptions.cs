using System.Globalization;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>How a file of records is opened.</summary>
public sealed record SourceOptions
{
    /// <summary>Whether the bytes are compressed by gzip; null to go by the name (<c>.gz</c>).</summary>
    public bool? IsGzip { get; init; }

    /// <summary>What stands between the cells of a row; a comma in CSV and a tab in TSV unless given. One ASCII character, and only for those formats.</summary>
    public char? Delimiter { get; init; }

    /// <summary>What <c>-</c> reads; the standard input of the process unless given. It is read once, to its end, and not closed.</summary>
    public Stream? Input { get; init; }

    /// <summary>The field that a row of .fvecs or .bvecs becomes; <c>vector</c> unless given, and only for those formats. For others see <see cref="ImportOptions.VectorField"/>.</summary>
    public string? VectorField { get; init; }

    /// <summary>What stands before the number of the row in the ids of .fvecs and .bvecs; nothing unless given, and only for those formats.</summary>
    public string? IdPrefix { get; init; }

    internal void Validate(FileFormat file)
    {
        var format = file.Format;
        if (file is { IsOfVectors: true, IsGzip: true }) throw new BasaltException(ErrorCode.InvalidOptions, $"{format} is not read compressed; unpack it first.");
        if (!file.IsOfVectors && VectorField is not null) throw new BasaltException(ErrorCode.InvalidOptions, $"{format} has fields of its own; the field of vectors is named to the import.");
        if (!file.IsOfVectors && IdPrefix is not null) throw new BasaltException(ErrorCode.InvalidOptions, $"A prefix of ids is for Fvecs and Bvecs, not for {format}.");
        if (IdPrefix is { } prefix && RecordId.IsTooLong(prefix + long.MaxValue.ToString(CultureInfo.InvariantCulture))) throw new BasaltException(ErrorCode.InvalidOptions, "The prefix of ids leaves no room for the number of a row.");
        if (VectorField is { Length: 0 }) throw new BasaltException(ErrorCode.InvalidOptions, "The vector field has no name.");
        if (Delimiter is not { } delimiter) return;
        if (format is not (RecordFormat.Csv or RecordFormat.Tsv)) throw new BasaltException(ErrorCode.InvalidOptions, $"A delimiter is for CSV and TSV, not for {format}.");
        if (!char.IsAscii(delimiter) || char.IsAsciiLetterOrDigit(delimiter) || delimiter is '"' or '\r' or '\n' or '\0')
            throw new BasaltException(ErrorCode.InvalidOptions, $"The delimiter '{delimiter}' cannot be told from cells; use one such as ; or |.");
    }
}

/// <summary>A record of a file, and where it stands.</summary>
/// <param name="Record">The record; its id is empty unless the file gives one as <c>$id</c>.</param>
/// <param name="Row">Its place among the records of the file, from 1.</param>
/// <param name="Line">The line on which it starts, from 1.</param>
/// <param name="Bytes">How many bytes of the file, as it lies on disk, were read when the record was complete.</param>
public readonly record struct SourceRecord(Record Record, long Row, long Line, long Bytes);
