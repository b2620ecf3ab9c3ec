using Basalt.Vectors;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Memory;

public sealed unsafe class VectorBufferTests
{
    [Theory]
    [InlineData(ElementType.Float32, 1, 64)]
    [InlineData(ElementType.Float32, 16, 64)]
    [InlineData(ElementType.Float32, 17, 128)]
    [InlineData(ElementType.Float16, 128, 256)]
    [InlineData(ElementType.Int8, 100, 128)]
    [InlineData(ElementType.Bit, 1, 8)]
    [InlineData(ElementType.Bit, 65, 16)]
    [InlineData(ElementType.Bit, 129, 32)]
    [InlineData(ElementType.Bit, 257, 64)]
    [InlineData(ElementType.Bit, 513, 128)]
    public void A_stride_is_the_elements_rounded_up(ElementType type, int dimension, int stride) => Assert.Equal(stride, VectorRows.StrideOf(type, dimension));

    [Fact]
    public void Rows_stay_where_they_are_while_the_buffer_grows()
    {
        using var buffer = new VectorBuffer(ElementType.Float32, 128);
        RowCodec.Encode(new float[128], Metric.L2, ElementType.Float32, buffer.Next());
        buffer.Publish();
        var early = buffer.Rows;
        var vector = new float[128];
        for (var i = 1; i < 20_000; i++)
        {
            vector[127] = i;
            RowCodec.Encode(vector, Metric.L2, ElementType.Float32, buffer.Next());
            Assert.Equal(i, buffer.Publish());
        }

        Assert.Equal(1, early.Count);
        var rows = buffer.Rows;
        Assert.True(early.Start == rows.Start);
        Assert.Equal(0, (long)rows.Start % VectorRows.Alignment);
        Assert.Equal(20_000L * 512, buffer.Bytes);
        for (var i = 0; i < 20_000; i++) Assert.Equal(i, ((float*)rows[i])[127]);
    }

    [Fact]
    public void A_full_buffer_says_so_and_keeps_what_it_has()
    {
        using var buffer = new VectorBuffer(ElementType.Int8, 3, capacity: 2);
        for (var i = 0; i < 2; i++)
        {
            RowCodec.Encode([1, 2, 3], Metric.L2, ElementType.Int8, buffer.Next());
            buffer.Publish();
        }

        Assert.Contains("full", Assert.Throws<InvalidOperationException>(() => (nint)buffer.Next()).Message);
        Assert.Equal(2, buffer.Count);
    }

    [Fact]
    public void Rows_of_the_same_layout_are_taken_whole_and_others_refused()
    {
        using var source = new VectorBuffer(ElementType.Float32, 5, 10);
        for (var i = 0; i < 10; i++)
        {
            RowCodec.Encode([i, 0, 0, 0, -i], Metric.L2, ElementType.Float32, source.Next());
            source.Publish();
        }

        using var copy = new VectorBuffer(ElementType.Float32, 5, 15);
        copy.Append(source.Rows);
        Assert.Equal(10, copy.Count);
        Assert.Equal(-9, ((float*)copy.Rows[9])[4]);
        Assert.Throws<InvalidOperationException>(() => copy.Append(source.Rows));
        Assert.Equal(10, copy.Count);
        using var other = new VectorBuffer(ElementType.Float32, 6, 15);
        Assert.Throws<ArgumentException>(() => other.Append(source.Rows));
    }

    [Fact]
    public void A_disposed_buffer_gives_no_rows()
    {
        var buffer = new VectorBuffer(ElementType.Float32, 5, 10);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Rows.Count);
        Assert.Throws<ObjectDisposedException>(() => (nint)buffer.Next());
    }

    [Fact]
    public void Dimensions_and_starts_outside_the_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorBuffer(ElementType.Float32, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorBuffer(ElementType.Float32, VectorRows.MaxDimension + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorBuffer(ElementType.Float32, 4, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorRows(null, -1, 4, ElementType.Float32).Count);
        Assert.Throws<ArgumentException>(() => new VectorRows((byte*)65, 1, 4, ElementType.Float32).Count);
    }
}
