using Basalt.Migration;

namespace Basalt.Fuzz;

/// <summary>Files of vectors as records: any bytes are rows of one dimension, or refused with the row.</summary>
public sealed class VecsRecordTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds =>
    [
        [2, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 64],
        [3, 0, 0, 0, 1, 2, 3, 3, 0, 0, 0, 255, 0, 7],
        [],
    ];

    protected override bool IsRefusal(Exception exception) => exception is Backends.Files.Formats.MalformedException;

    protected override void Decode(byte[] input)
    {
        // The first byte of a refusal must not keep the other format from being read.
        Exception? refused = null;
        foreach (var format in new[] { RecordFormat.Fvecs, RecordFormat.Bvecs })
        {
            try
            {
                using var reader = new VecsRecordReader(new MemoryStream(input), input.Length, format, "v", "r");
                while (reader.MoveNext()) Assert.Equal(input[reader.Place.Offset] + (input[reader.Place.Offset + 1] << 8) + (input[reader.Place.Offset + 2] << 16), reader.Read()["v"].AsVector.Length);
            }
            catch (Exception e) when (IsRefusal(e))
            {
                refused = e;
            }
        }

        if (refused is not null) throw refused;
    }
}
