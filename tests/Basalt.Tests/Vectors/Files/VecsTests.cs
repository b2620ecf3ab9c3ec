using Basalt.Vectors.Files;

namespace Basalt.Tests.Vectors.Files;

public sealed class VecsTests
{
    [Fact]
    public void Float_rows_come_back_as_they_were_written()
    {
        float[][] rows = [[1.5f, -2, 3e38f], [0, float.NaN, -0f]];
        var bytes = Written(VecsFormat.Float32, writer => { foreach (var row in rows) writer.Write(row); });
        Assert.Equal("03000000" + "0000C03F" + "000000C0", Convert.ToHexString(bytes)[..24]);
        Assert.Equal(32, bytes.Length);
        var reader = new VecsReader(new MemoryStream(bytes), VecsFormat.Float32);
        Assert.Equal(3, reader.Dimension);
        var row = new float[3];
        foreach (var expected in rows)
        {
            Assert.True(reader.Read(row));
            Assert.Equal(expected, row);
        }

        Assert.False(reader.Read(row));
        Assert.Equal(2, reader.Count);
    }

    [Fact]
    public void Byte_rows_hold_whole_numbers_from_0_to_255()
    {
        var bytes = Written(VecsFormat.Byte, static writer => writer.Write([0, 255, 7f]));
        Assert.Equal("030000000" + "0FF07", Convert.ToHexString(bytes));
        var row = new float[3];
        Assert.True(new VecsReader(new MemoryStream(bytes), VecsFormat.Byte).Read(row));
        Assert.Equal([0, 255, 7], row);
        foreach (var element in new[] { -1, 256, 0.5f, float.NaN })
        {
            using var stream = new MemoryStream();
            Assert.Throws<ArgumentException>(() => new VecsWriter(stream, VecsFormat.Byte).Write([1, element]));
            Assert.Equal(0, stream.Length);
        }
    }

    [Fact]
    public void Number_rows_come_back_as_they_were_written()
    {
        var bytes = Written(VecsFormat.Int32, static writer => writer.Write([5, -1, int.MaxValue]));
        var row = new int[3];
        Assert.True(new VecsReader(new MemoryStream(bytes), VecsFormat.Int32).Read(row));
        Assert.Equal([5, -1, int.MaxValue], row);
    }

    [Fact]
    public void An_empty_file_has_no_rows()
    {
        var reader = new VecsReader(new MemoryStream(), VecsFormat.Float32);
        Assert.Equal(0, reader.Dimension);
        Assert.False(reader.Read(default(Span<float>)));
    }

    [Theory]
    [InlineData("0300", "Row 0 at byte 0 is cut off after 2 bytes")]
    [InlineData("00000000", "Row 0 at byte 0 says that it has 0 elements")]
    [InlineData("FFFFFFFF", "says that it has -1 elements")]
    [InlineData("FFFFFF7F", "a row has 1 to 65536")]
    [InlineData("0100000000", "Row 0 at byte 0 is cut off after 5 bytes")]
    [InlineData("010000000000803F0200000000000000", "Row 1 at byte 8 has 2 elements, and the rows before have 1")]
    [InlineData("010000000000803F01000000", "Row 1 at byte 8 is cut off after 4 bytes")]
    public void A_broken_file_is_refused_where_it_breaks(string hex, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new VecsReader(new MemoryStream(Convert.FromHexString(hex)), VecsFormat.Float32);
            var row = new float[reader.Dimension];
            while (reader.Read(row)) { }
        });
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Rows_that_do_not_fit_are_refused()
    {
        using var stream = new MemoryStream();
        var writer = new VecsWriter(stream, VecsFormat.Float32);
        writer.Write([1f, 2f]);
        Assert.Throws<ArgumentException>(() => writer.Write([1f]));
        Assert.Throws<InvalidOperationException>(() => writer.Write([1, 2]));
        Assert.Throws<InvalidOperationException>(() => new VecsWriter(stream, VecsFormat.Int32).Write([1f]));
        Assert.Throws<ArgumentException>(() => new VecsWriter(stream, VecsFormat.Int32).Write(Array.Empty<int>()));
        stream.Position = 0;
        var reader = new VecsReader(stream, VecsFormat.Float32);
        Assert.Throws<ArgumentException>(() => reader.Read(new float[3]));
        Assert.Throws<InvalidOperationException>(() => reader.Read(new int[2]));
        Assert.True(reader.Read(new float[2]));
    }

    [Fact]
    public void Images_are_read_with_their_rows_behind_each_other()
    {
        byte[] file = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 253, 254, 255];
        var reader = new IdxReader(new MemoryStream(file));
        Assert.Equal((2, 3), (reader.Count, reader.Dimension));
        var image = new float[3];
        Assert.True(reader.Read(image));
        Assert.Equal([1, 2, 3], image);
        Assert.True(reader.Read(image));
        Assert.Equal([253, 254, 255], image);
        Assert.False(reader.Read(image));
        Assert.Throws<ArgumentException>(() => reader.Read(new float[2]));
    }

    [Theory]
    [InlineData("", "not in the IDX format")]
    [InlineData("01000803", "not in the IDX format")]
    [InlineData("00000D03", "type 0x0D")]
    [InlineData("00000800", "no dimensions")]
    [InlineData("0000080200000001", "dimension 1 is cut off")]
    [InlineData("00000802FFFFFFFF00000001", "Dimension 0 has the size -1")]
    [InlineData("000008020000000100000000", "have 0 in 1 dimensions")]
    [InlineData("0000080300000001000FFFFF000FFFFF", "1048575 in 1 dimensions")]
    [InlineData("00000802000000020000000101", "Vector 1 of 2 is cut off")]
    [InlineData("0000080200000001000000010101", "goes on behind the 1")]
    public void A_broken_file_of_images_is_refused(string hex, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new IdxReader(new MemoryStream(Convert.FromHexString(hex)));
            var image = new float[reader.Dimension];
            while (reader.Read(image)) { }
        });
        Assert.Contains(message, error.Message);
    }

    private static byte[] Written(VecsFormat format, Action<VecsWriter> write)
    {
        using var stream = new MemoryStream();
        write(new VecsWriter(stream, format));
        return stream.ToArray();
    }
}
