using System.Buffers.Binary;
using System.Globalization;
using Basalt.Records;

namespace Basalt.PointClouds.Runs;

/// <summary>
/// Points that were written together: chunks, and three directories of pages that say what is in them. Never changed once it is named by the head. Its record has the last label and the last
/// block of each page, so that what is asked for is in a page that is known.
/// </summary>
/// <remarks>Ids: <c>r/RUN</c> is its record, <c>r/RUN/c/N</c> a chunk, <c>r/RUN/d/N</c>, <c>r/RUN/l/N</c> and <c>r/RUN/b/N</c> pages of chunks, labels and blocks; N has eight hexadecimal digits.</remarks>
internal sealed class Run
{
    public const char Chunk = 'c', ChunkPage = 'd', LabelPage = 'l', BlockPage = 'b';

    public Run(RunSummary summary, ulong[] lastLabels, string[] lastBlocks) => (Summary, LastLabels, LastBlocks) = (summary, lastLabels, lastBlocks);

    public RunSummary Summary { get; }

    /// <summary>The last label of each page of labels.</summary>
    public ulong[] LastLabels { get; }

    /// <summary>The last block of each page of blocks, by ordinal comparison.</summary>
    public string[] LastBlocks { get; }

    public int ChunkPages => (Summary.Chunks + DirectoryPage.MostEntries - 1) / DirectoryPage.MostEntries;

    public static string RecordId(string run) => $"r/{run}";

    public static string PartId(string run, char kind, int number) => $"r/{run}/{kind}/{number.ToString("x8", CultureInfo.InvariantCulture)}";

    /// <summary>The page that has a label if any does; -1 when none can.</summary>
    public int PageOf(ulong label)
    {
        var at = Array.BinarySearch(LastLabels, label);
        at = at < 0 ? ~at : at;
        return at == LastLabels.Length ? -1 : at;
    }

    /// <summary>The page that has a block if any does; -1 when none can.</summary>
    public int PageOf(string block)
    {
        var at = Array.BinarySearch(LastBlocks, block, StringComparer.Ordinal);
        at = at < 0 ? ~at : at;
        return at == LastBlocks.Length ? -1 : at;
    }

    public Record ToRecord()
    {
        var labels = new byte[LastLabels.Length * sizeof(ulong)];
        for (var i = 0; i < LastLabels.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(labels.AsSpan(i * sizeof(ulong)), LastLabels[i]);
        return new Record
        {
            Id = RecordId(Summary.Id),
            ["kind"] = "run",
            ["last_labels"] = Value.FromBytes(labels),
            ["last_blocks"] = Value.FromList(LastBlocks.Select(static block => (Value)block)),
        };
    }

    /// <exception cref="InvalidDataException">The record is none of a run.</exception>
    public static Run Of(RunSummary summary, Record record)
    {
        if (record["kind"] != "run" || record["last_labels"] is not { Kind: ValueKind.Bytes } labels || record["last_blocks"] is not { Kind: ValueKind.List } blocks || labels.AsBytes.Length % sizeof(ulong) != 0)
            throw new InvalidDataException("it is no record of a run");
        var lastLabels = new ulong[labels.AsBytes.Length / sizeof(ulong)];
        for (var i = 0; i < lastLabels.Length; i++) lastLabels[i] = BinaryPrimitives.ReadUInt64LittleEndian(labels.AsBytes.Span[(i * sizeof(ulong))..]);
        return new Run(summary, lastLabels, Array.ConvertAll(blocks.AsList.ToArray(), static block => block.Kind == ValueKind.String ? block.AsString : throw new InvalidDataException("a block has no text for an id")));
    }
}

/// <summary>What the head says of a run.</summary>
/// <param name="Id">Its id: a UUID of version 7, so that ids are in the order of their making.</param>
/// <param name="Points">Its points.</param>
/// <param name="Chunks">Its chunks.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Blocks">Its blocks.</param>
/// <param name="Bytes">What its chunks and pages take, before the backend does anything about them.</param>
internal sealed record RunSummary(string Id, long Points, int Chunks, int Labels, int Blocks, long Bytes)
{
    public Value ToValue() => new ValueMapBuilder().Set("id", Id).Set("points", Points).Set("chunks", Chunks).Set("labels", Labels).Set("blocks", Blocks).Set("bytes", Bytes).Build();

    /// <exception cref="InvalidDataException">The value is none.</exception>
    public static RunSummary Of(Value value)
    {
        var map = value.Kind == ValueKind.Map ? value.AsMap : throw new InvalidDataException("a run is no map");
        return new RunSummary(Fields.Text(map, "id"), Fields.Number(map, "points"), Fields.Count(map, "chunks"), Fields.Count(map, "labels"), Fields.Count(map, "blocks"), Fields.Number(map, "bytes"));
    }
}
