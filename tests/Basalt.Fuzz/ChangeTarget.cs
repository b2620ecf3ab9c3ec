using Basalt.Changes;
using Basalt.Engine.Changes;
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

    protected override void Decode(byte[] input)
    {
        ChangeFormat.Read(input, "token");
        ChangeRetention.Decode(input);
    }
}
