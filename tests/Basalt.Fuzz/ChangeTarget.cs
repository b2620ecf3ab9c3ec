using Basalt.Changes;
using Basalt.Engine.Changes;
using Basalt.Engine.Collections;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Fuzz;

/// <summary>Kept changes: whatever the bytes are, they are a change or refused.</summary>
public sealed class ChangeTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var (put, removed) = (new ByteBuffer(), new ByteBuffer());
            ChangeFormat.Write(put, ChangeKind.Update, "films", "alien", 7, 1_714_557_600_000, new Record { Id = "alien", Version = 7, ["title"] = "Alien", ["v"] = new[] { 1f, 2f }, Expires = DateTimeOffset.MaxValue });
            ChangeFormat.Write(removed, ChangeKind.Delete, "films", "alien", 7, 1, null);
            return [put.Written.ToArray(), removed.Written.ToArray()];
        }
    }

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input) => ChangeFormat.Read(input, "token");
}

/// <summary>What the catalogue says of how many records there are and how long changes are kept.</summary>
public sealed class CatalogueNumberTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds => [new ChangeRetention { Bytes = 1 << 30, Age = TimeSpan.FromDays(7) }.Encode(), [.. BitConverter.GetBytes(5L), .. new byte[16]], BitConverter.GetBytes(7L)];

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input)
    {
        if (input.Length == 16) ChangeRetention.Decode(input);
        else RecordTally.Read(input);
    }
}
