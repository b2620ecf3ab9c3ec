using Basalt.Migration;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;

namespace Basalt.PointClouds.Plotting;

/// <summary>From where points are looked at.</summary>
/// <param name="Azimuth">Degrees around the third axis, from the first towards the second.</param>
/// <param name="Elevation">Degrees above the plane of the first two axes, -90 to 90.</param>
public sealed record PlotView(double Azimuth = 30, double Elevation = 25);

/// <summary>
/// Draws points to a grey picture, without perspective: the nearer a point, the lighter. Points of a cloud of two axes lie in a plane that is looked at from above; of four axes the first three are drawn. All points are
/// read twice, in memory of the picture.
/// </summary>
public static class PointPlot
{
    private const int Margin = 8;
    private const byte Darkest = 60, Lightest = 255;

    /// <summary>Draws the points of a query into a PNG file.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="query">Which points.</param>
    /// <param name="path">The file.</param>
    /// <param name="width">The width in pixels: 32 to 8192.</param>
    /// <param name="height">The height in pixels: 32 to 8192.</param>
    /// <param name="view">From where; from a corner unless given.</param>
    /// <param name="overwrite">Whether a file that is there is replaced.</param>
    /// <param name="cancellationToken">Stops; there is then no file.</param>
    /// <returns>How many points there are.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: there are no points; <see cref="ErrorCode.AlreadyExists"/>: the file exists.</exception>
    public static async ValueTask<long> WriteAsync(PointCloud cloud, PointQuery query, string path, int width = 800, int height = 800, PlotView? view = null, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cloud);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentException.ThrowIfNullOrEmpty(path);
        foreach (var size in new[] { width, height })
            if (size is < 32 or > 8192) throw new ArgumentOutOfRangeException(nameof(width), size, "A picture has 32 to 8192 pixels a side.");
        query = query with { Attributes = [], WithLabels = false, WithBlocks = false };
        var camera = new Camera(cloud.Schema.Axes.Count, view ?? new PlotView());
        var count = 0L;
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            camera.Measure(part.Coordinates);
            count += part.Count;
        }

        if (count == 0) throw new BasaltException(ErrorCode.NotFound, $"'{cloud.Name}' has no such points; there is nothing to draw.") { Target = cloud.Name };
        var pixels = new byte[width * height];
        camera.Fit(width, height);
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false)) camera.Draw(part.Coordinates, pixels, width, height);
        var file = new ReplacedFile(path, overwrite);
        await using (file.ConfigureAwait(false))
        {
            PngImage.Write(file.Stream, pixels, width, height);
            file.Commit();
        }

        return count;
    }

    /// <summary>Turns points so that the third of their new coordinates is how near they are.</summary>
    private sealed class Camera
    {
        private readonly double[] _right;
        private readonly double[] _up;
        private readonly double[] _near;
        private readonly double[] _lowest = [double.MaxValue, double.MaxValue, double.MaxValue];
        private readonly double[] _highest = [double.MinValue, double.MinValue, double.MinValue];
        private double _scale;

        public Camera(int axes, PlotView view)
        {
            if (!double.IsFinite(view.Azimuth) || !(Math.Abs(view.Elevation) <= 90)) throw new ArgumentOutOfRangeException(nameof(view), view, "An azimuth is a number of degrees, an elevation -90 to 90.");
            var (sinA, cosA) = Math.SinCos(view.Azimuth / 180 * Math.PI);
            var (sinE, cosE) = axes == 2 ? (1, 0) : Math.SinCos(view.Elevation / 180 * Math.PI);
            if (axes == 2) (sinA, cosA) = (-1, 0);
            _right = [-sinA, cosA, 0];
            _up = [-sinE * cosA, -sinE * sinA, cosE];
            _near = [cosE * cosA, cosE * sinA, sinE];
        }

        public void Measure(IReadOnlyList<Column> axes)
        {
            for (var i = 0; i < axes[0].Count; i++)
            {
                var (x, y, depth) = Turn(axes, i);
                Grow(0, x);
                Grow(1, y);
                Grow(2, depth);
            }
        }

        public void Fit(int width, int height) =>
            _scale = Math.Min((width - 1 - 2 * Margin) / Math.Max(_highest[0] - _lowest[0], 1e-300), (height - 1 - 2 * Margin) / Math.Max(_highest[1] - _lowest[1], 1e-300));

        public void Draw(IReadOnlyList<Column> axes, byte[] pixels, int width, int height)
        {
            var (left, bottom) = (Start(0, width), Start(1, height));
            var depths = Math.Max(_highest[2] - _lowest[2], 1e-300);
            for (var i = 0; i < axes[0].Count; i++)
            {
                var (x, y, depth) = Turn(axes, i);
                var column = (int)Math.Clamp(left + (x - _lowest[0]) * _scale, 0, width - 1);
                var row = height - 1 - (int)Math.Clamp(bottom + (y - _lowest[1]) * _scale, 0, height - 1);
                var shade = (byte)(Darkest + (Lightest - Darkest) * Math.Clamp((depth - _lowest[2]) / depths, 0, 1));
                ref var pixel = ref pixels[row * width + column];
                pixel = Math.Max(pixel, shade);
            }
        }

        // The middle of the points is that of the picture.
        private double Start(int axis, int size) => (size - 1 - (_highest[axis] - _lowest[axis]) * _scale) / 2;

        private (double X, double Y, double Depth) Turn(IReadOnlyList<Column> axes, int i)
        {
            var (x, y, z) = (axes[0].ToDouble(i), axes[1].ToDouble(i), axes.Count > 2 ? axes[2].ToDouble(i) : 0);
            return (Along(_right), Along(_up), Along(_near));

            double Along(double[] direction) => direction[0] * x + direction[1] * y + direction[2] * z;
        }

        private void Grow(int axis, double value) => (_lowest[axis], _highest[axis]) = (Math.Min(_lowest[axis], value), Math.Max(_highest[axis], value));
    }
}
